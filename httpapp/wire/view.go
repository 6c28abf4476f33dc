package wire

// Field appends one attribute's value of a T. A field that appends nothing is left out of the object altogether: that
// is how attributes that only some objects have (segments, is_default) are said.
type Field[T any] struct {
	Name   string
	Append func(w *Buffer, v *T)
	// Inner fields are for policy rules that look at the object. No client sees them.
	Inner bool
}

// View is every attribute of a T in wire order.
type View[T any] []Field[T]
