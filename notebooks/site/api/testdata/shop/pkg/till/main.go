// Till runs a till. Usage:
//
//	till -port 80
package main

func main() {}

func Helper() {}
