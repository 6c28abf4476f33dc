package conf

import (
	"fmt"
	"strconv"
)

// FileMode accepts the permissions of a file in octal digits, such as 0660. The value is the text.
type FileMode struct{}

// Parse implements Type.
func (FileMode) Parse(text string) (any, error) {
	if mode, err := strconv.ParseUint(text, 8, 32); err != nil || mode == 0 || mode > 0o777 {
		return nil, fmt.Errorf("%s is not a file mode: octal digits from 0001 to 0777 are expected, such as 0660", pyRepr(text))
	}
	return text, nil
}

// String implements Type.
func (FileMode) String() string { return "FileMode" }
