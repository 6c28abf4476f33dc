package otp

// Strategy decides which siblings are stopped and started again along with a failed child. Implementations are pure
// and are called on the supervisor's goroutine; a domain may add its own.
type Strategy interface {
	// Name is shown in events and snapshots.
	Name() string
	// Affected reports whether other must be stopped and started again because failed has to be restarted.
	// It is asked for every sibling of failed, also for those that are not running.
	Affected(failed, other Member) bool
}

// Member is a child as a Strategy sees it.
type Member struct {
	// Index is the position in the start order.
	Index   int
	ID      string
	Kind    string
	Restart Restart
}

// Dynamic is implemented by a Strategy whose children are all instances of one template, come and go at run time, do
// not depend on each other, and therefore stop side by side.
type Dynamic interface {
	Strategy
	Dynamic() bool
}

// The strategies of OTP.
const (
	// OneForOne restarts the failed child only.
	OneForOne builtin = iota
	// OneForAll restarts all children.
	OneForAll
	// RestForOne restarts the failed child and those that started after it.
	RestForOne
	// SimpleOneForOne is OneForOne for children made from one template by Spec.Instances and Root.StartChild. A
	// child that ended and is not restarted, or was terminated, is forgotten.
	SimpleOneForOne
)

type builtin uint8

var _ Dynamic = OneForOne

// Name returns the name as OTP spells it.
func (b builtin) Name() string {
	return [...]string{"one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"}[b]
}

// Affected implements Strategy.
func (b builtin) Affected(failed, other Member) bool {
	switch b {
	case OneForAll:
		return true
	case RestForOne:
		return other.Index > failed.Index
	default:
		return false
	}
}

// Dynamic implements Dynamic.
func (b builtin) Dynamic() bool { return b == SimpleOneForOne }

// alone reports whether nobody is ever restarted along with a failed child, so that not all of many thousand children
// have to be asked about.
func alone(s Strategy) bool {
	switch s := s.(type) {
	case builtin:
		return s == OneForOne || s == SimpleOneForOne
	case *Alternatives:
		return alone(s.inner)
	}
	return isDynamic(s)
}

func isDynamic(s Strategy) bool {
	d, ok := s.(Dynamic)
	return ok && d.Dynamic()
}
