package api

import "github.com/seed-a8f20362/hadron/httpapp/wire"

// acceptsJSON reports whether a client takes JSON. Quality values are not looked at (observed).
func acceptsJSON(accept string) bool {
	return accept == "" || wire.Accepts(accept, "application/json", "application/*", "*/*")
}
