// Package price is not public.
package price
