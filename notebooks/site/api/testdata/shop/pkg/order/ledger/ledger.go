// Package ledger keeps books | for a year.
package ledger
