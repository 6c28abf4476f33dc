package httpapp

import (
	"strconv"
	"time"
)

func (s *accessSegment) appendSign(dst []byte) []byte {
	switch {
	case s.verb == 's':
	case s.flags.plus:
		return append(dst, '+')
	case s.flags.blank:
		return append(dst, ' ')
	}
	return dst
}

// appendInt prints a number that is not negative; precision is the least number of digits.
func (s *accessSegment) appendInt(dst []byte, n int64) []byte {
	dst = s.appendSign(dst)
	if s.verb == 'f' {
		return strconv.AppendFloat(dst, float64(n), 'f', s.decimals(), 64)
	}
	from := len(dst)
	dst = strconv.AppendInt(dst, n, 10)
	if missing := s.prec - (len(dst) - from); s.verb == 'd' && missing > 0 {
		dst = append(dst, make([]byte, missing)...)
		copy(dst[from+missing:], dst[from:])
		for i := range missing {
			dst[from+i] = '0'
		}
	}
	return dst
}

func (s *accessSegment) decimals() int {
	if s.prec < 0 {
		return 6
	}
	return s.prec
}

// appendSeconds prints how long the request took; as text, with the digits that matter, as Python does.
func (s *accessSegment) appendSeconds(dst []byte, took time.Duration) []byte {
	dst = s.appendSign(dst)
	switch s.verb {
	case 'd':
		return strconv.AppendInt(dst, int64(took/time.Second), 10)
	case 's':
		return appendPythonFloat(dst, took.Seconds())
	}
	return appendFixed(dst, took, s.decimals())
}

// appendFixed prints seconds with so many decimals. What lies halfway between two of them is left to the conversion of floats, which
// knows on which side of it the float is.
func appendFixed(dst []byte, took time.Duration, decimals int) []byte {
	const nano = 9
	unit := int64(1)
	for range nano - decimals {
		unit *= 10
	}
	n := int64(took)
	if decimals < 1 || decimals > nano || n < 0 || n > int64(24*time.Hour) || n%unit*2 == unit {
		return strconv.AppendFloat(dst, took.Seconds(), 'f', decimals, 64)
	}
	second := int64(time.Second) / unit
	n = (n + unit/2) / unit
	dst = append(strconv.AppendInt(dst, n/second, 10), '.')
	from := len(dst)
	dst = append(dst, "000000000"[:decimals]...)
	for i, rest := len(dst)-1, n%second; i >= from; i, rest = i-1, rest/10 {
		dst[i] += byte(rest % 10)
	}
	return dst
}

// appendPythonFloat prints v as Python's str does: with a point always, and with an exponent below 0.0001.
func appendPythonFloat(dst []byte, v float64) []byte {
	from := len(dst)
	if v != 0 && v < 1e-4 {
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
	for _, c := range dst[from:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}
