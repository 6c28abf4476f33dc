package conf

import (
	"math"
	"math/big"
)

// vast is a whole number that 64 bits do not hold. Python's numbers have any length, so one is a valid value, and is shown and
// referred to in full; what is to work with it gets the nearest number of 64 bits.
type vast struct{ *big.Int }

func newVast(digits string) vast {
	n, _ := new(big.Int).SetString(digits, 10) // the text has been checked
	return vast{n}
}

func (v vast) nearest() int {
	if v.Sign() < 0 {
		return math.MinInt
	}
	return math.MaxInt
}

// approximate is a whole number as a floating point one.
func approximate(whole any) float64 {
	if v, ok := whole.(vast); ok {
		f, _ := v.Float64()
		return f
	}
	n, _ := whole.(int)
	return float64(n)
}
