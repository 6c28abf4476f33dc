package logging

import (
	"fmt"
	"strconv"
	"time"
)

// checkDateFormat reports the first directive that appendTime cannot print, and whether the text changes within a second.
func checkDateFormat(format string) (subsecond bool, err error) {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		if i++; i == len(format) {
			return false, fmt.Errorf("log_date_format: %q ends within a directive", format)
		}
		if _, ok := appendDirective(nil, format[i], time.Time{}); !ok {
			return false, fmt.Errorf("log_date_format: %q: unknown directive %q", format, format[i-1:i+1])
		}
		subsecond = subsecond || format[i] == 'f'
	}
	return subsecond, nil
}

// appendTime prints t as strftime does, for a format that checkDateFormat passed.
func appendTime(dst []byte, format string, t time.Time) []byte {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			dst = append(dst, format[i])
			continue
		}
		i++
		dst, _ = appendDirective(dst, format[i], t)
	}
	return dst
}

func appendDirective(dst []byte, directive byte, t time.Time) ([]byte, bool) {
	if layout := layoutOf(directive); layout != "" {
		return t.AppendFormat(dst, layout), true
	}
	switch directive {
	case 'f':
		return appendZeros(dst, t.Nanosecond()/1000, 6), true
	case 's':
		return strconv.AppendInt(dst, t.Unix(), 10), true
	case 'u':
		return strconv.AppendInt(dst, int64(t.Weekday()+6)%7+1, 10), true
	case 'w':
		return strconv.AppendInt(dst, int64(t.Weekday()), 10), true
	case '%':
		return append(dst, '%'), true
	}
	return dst, false
}

// layoutOf gives the directives that Go's time package can print by itself, in the C locale.
func layoutOf(directive byte) string {
	switch directive {
	case 'Y':
		return "2006"
	case 'y':
		return "06"
	case 'm':
		return "01"
	case 'd':
		return "02"
	case 'e':
		return "_2"
	case 'j':
		return "002"
	case 'H':
		return "15"
	case 'I':
		return "03"
	case 'M':
		return "04"
	case 'S':
		return "05"
	case 'p':
		return "PM"
	case 'a':
		return "Mon"
	case 'A':
		return "Monday"
	case 'b', 'h':
		return "Jan"
	case 'B':
		return "January"
	case 'z':
		return "-0700"
	case 'Z':
		return "MST"
	case 'F':
		return "2006-01-02"
	case 'T':
		return "15:04:05"
	case 'R':
		return "15:04"
	case 'D':
		return "01/02/06"
	case 'c':
		return "Mon Jan _2 15:04:05 2006"
	}
	return ""
}

// appendZeros prints n with at least width digits.
func appendZeros(dst []byte, n, width int) []byte {
	for limit := 10; width > 1; width-- {
		if n < limit {
			dst = append(dst, '0')
		}
		limit *= 10
	}
	return strconv.AppendInt(dst, int64(n), 10)
}
