package wire

// Call is a request on a URL that no attribute table describes, such as /networks/{id}/tags/{tag}, and its answer.
type Call struct {
	// Args are what the placeholders of the URL stand for, in their order.
	Args []string
	// Body is the decoded JSON of the request; nil for none.
	Body any
	// Query returns the values of a parameter of the query string, in their order.
	Query func(name string) []string
	// URL is the request's without its query string, as the client sees it; RawQuery is that string.
	URL, RawQuery string
	// Enforce asks the policy rule of that name about an object, and returns what to answer to whom it forbids it. Who has
	// no attribute table has to ask himself.
	Enforce func(rule string, object map[string]any) error
	// Out takes the answer. Nothing in it answers without a body.
	Out *Buffer
}
