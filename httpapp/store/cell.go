package store

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cell is one column of a row.
type cell struct {
	kind  byte
	int64 int64
	text  string
}

// A row is its cells one after the other: the kind of each, and behind it nothing, a number of eight bytes, or a text and in front of
// it its length of four. It is made in memory and read at once, so nobody checks its form.
const (
	cellNull byte = iota
	cellNumber
	cellText
)

// cellAt returns the cell that a row begins with, and how many bytes that takes: 0 where the row has ended.
func cellAt(row string) (cell, int) {
	if row == "" {
		return cell{}, 0
	}
	switch row[0] {
	case cellNumber:
		return cell{kind: cellNumber, int64: int64(uint64(uint32At(row, 1)) | uint64(uint32At(row, 5))<<32)}, 9
	case cellText:
		end := 5 + int(uint32At(row, 1))
		return cell{kind: cellText, text: row[5:end]}, end
	}
	return cell{}, 1
}

func uint32At(s string, i int) uint32 {
	_ = s[i+3]
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func appendNumber(row []byte, n int64) []byte {
	return binary.LittleEndian.AppendUint64(append(row, cellNumber), uint64(n))
}

func appendText[T string | []byte](row []byte, text T) []byte {
	return append(binary.LittleEndian.AppendUint32(append(row, cellText), uint32(len(text))), text...)
}

// appendValue appends a value that database/sql has read.
func appendValue(row []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(row, cellNull)
	case int64:
		return appendNumber(row, v)
	case bool:
		if v {
			return appendNumber(row, 1)
		}
		return appendNumber(row, 0)
	case float64:
		return appendText(row, strconv.FormatFloat(v, 'g', -1, 64))
	case string:
		return appendText(row, v)
	case []byte:
		return appendText(row, v)
	case time.Time:
		return appendText(row, v.UTC().Format(timeFormat))
	}
	return appendText(row, fmt.Sprint(value))
}

// String is the cell as text, "" for NULL.
func (c *cell) String() string {
	if c.kind == cellNumber {
		return strconv.FormatInt(c.int64, 10)
	}
	return c.text
}

// number reads the cell as a number, NULL and an empty text as 0.
func (c *cell) number(to *int64) (err error) {
	*to = c.int64
	if c.text != "" {
		*to, err = strconv.ParseInt(c.text, 10, 64)
	}
	return err
}

// arena keeps rows: many of them in one piece of memory, which is free when the last of them is.
type arena struct{ piece strings.Builder }

// A list's rows are kept in pieces that grow eightfold from the size of its first row up to maxPiece.
const maxPiece = 32 << 10

// keep returns a copy of row.
func (a *arena) keep(row []byte) string {
	if a.piece.Cap()-a.piece.Len() < len(row) {
		size := min(max(8*a.piece.Cap(), len(row)), max(maxPiece, len(row)))
		a.piece = strings.Builder{}
		a.piece.Grow(size)
	}
	from := a.piece.Len()
	a.piece.Write(row) // never fails
	return a.piece.String()[from:]
}
