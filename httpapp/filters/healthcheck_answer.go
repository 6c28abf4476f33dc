package filters

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// answer writes text, HTML or JSON, whichever the client likes best.
func (o *HealthcheckOptions) answer(w http.ResponseWriter, r *http.Request, status int, results []HealthcheckResult) {
	kind, body := bestType(r.Header.Get("Accept")), []byte(nil)
	switch kind {
	case "application/json":
		body = o.json(results)
	case "text/html":
		body = o.html(results, status == http.StatusOK)
	default:
		body = []byte(strings.Join(reasonsOf(results), "\n"))
	}
	if kind != "application/json" {
		kind += "; charset=UTF-8"
	}
	w.Header()["Content-Type"] = []string{kind}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone: nobody is left to tell
}

func reasonsOf(results []HealthcheckResult) []string {
	reasons := make([]string, len(results))
	for i, result := range results {
		reasons[i] = result.Reason
	}
	return reasons
}

// plainHealth and detailedHealth are the two JSON answers, fields in the order of names.
type plainHealth struct {
	Detailed bool     `json:"detailed"`
	Reasons  []string `json:"reasons"`
}

type detailedHealth struct {
	Detailed bool `json:"detailed"`
	GC       struct {
		Counts []uint32 `json:"counts"`
	} `json:"gc"`
	GoVersion  string           `json:"go_version"`
	Goroutines int              `json:"goroutines"`
	Now        string           `json:"now"`
	Platform   string           `json:"platform"`
	Reasons    []detailedReason `json:"reasons"`
}

type detailedReason struct {
	Class   string `json:"class"`
	Details string `json:"details"`
	Reason  string `json:"reason"`
}

// resultClass is what the original calls a result in detailed answers.
const resultClass = "HealthcheckResult"

// json has the original's layout. Where that tells of Python and of its threads' stacks, this tells of Go.
func (o *HealthcheckOptions) json(results []HealthcheckResult) []byte {
	if !o.Detailed {
		return indented(plainHealth{Reasons: reasonsOf(results)})
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	d := detailedHealth{Detailed: true, GoVersion: runtime.Version(), Goroutines: runtime.NumGoroutine(),
		Now: time.Now().UTC().Format("2006-01-02 15:04:05.000000"), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	d.GC.Counts = []uint32{stats.NumGC}
	for _, result := range results {
		d.Reasons = append(d.Reasons, detailedReason{Class: resultClass, Details: result.Details, Reason: result.Reason})
	}
	return indented(d)
}

func indented(v any) []byte {
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	lines.SetIndent("", "    ")
	if err := lines.Encode(v); err != nil {
		return []byte(`{"detailed": false, "reasons": []}`) // strings and numbers: it cannot fail
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// html is a page for people, with the parts of the original's.
func (o *HealthcheckOptions) html(results []HealthcheckResult, healthy bool) []byte {
	var b strings.Builder
	b.WriteString("<HTML>\n<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>\n<BODY>\n")
	if host, err := os.Hostname(); o.Detailed && err == nil {
		b.WriteString("<H1>Server status</H1>\n<B>Server hostname:</B><PRE>" + html.EscapeString(host) + "</PRE>\n" +
			"<B>Current time:</B><PRE>" + time.Now().UTC().Format("2006-01-02 15:04:05") + "</PRE>\n" +
			"<B>Go version:</B><PRE>" + runtime.Version() + "</PRE>\n<HR></HR>\n")
	}
	title, color := "Healthy", "green"
	if !healthy {
		title, color = "Unhealthy", "red"
	}
	b.WriteString("<H2>" + title + "</H2>\n<H2>Result of " + strconv.Itoa(len(results)) + " checks:</H2>\n" +
		`<TABLE bgcolor="#ffffff" border="1" style="border-color: ` + color + `">` + "\n<TBODY>\n")
	o.row(&b, "TH", "Kind", "Reason", "Details")
	for _, result := range results {
		o.row(&b, "TD", resultClass, result.Reason, result.Details)
	}
	b.WriteString("</TBODY>\n</TABLE>\n</BODY>\n</HTML>")
	return []byte(b.String())
}

func (o *HealthcheckOptions) row(b *strings.Builder, cell, class, reason, details string) {
	cells := []string{reason}
	if o.Detailed {
		cells = []string{class, reason, details}
	}
	b.WriteString("<TR>")
	for _, text := range cells {
		b.WriteString("<" + cell + ">" + html.EscapeString(text) + "</" + cell + ">")
	}
	b.WriteString("</TR>\n")
}

// bestType is the media type that the healthcheck answers in: the one with the highest weight in the Accept header, the
// first of equals, and text where nothing fits, for a load balancer does better without a 406.
func bestType(accept string) string {
	best, weight := "text/plain", 0.0
	for _, offer := range [...]string{"text/plain", "text/html", "application/json"} {
		if q := weightOf(accept, offer); q > weight {
			best, weight = offer, q
		}
	}
	return best
}

// weightOf is the q of the most specific range that covers a media type; 0 for none.
func weightOf(accept, offer string) float64 {
	main, _, _ := strings.Cut(offer, "/")
	found, weight := 0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, _ := strings.Cut(strings.ToLower(part), ";")
		precision := 0
		switch strings.TrimSpace(kind) {
		case offer:
			precision = 3
		case main + "/*":
			precision = 2
		case "*/*":
			precision = 1
		}
		if precision > found {
			found, weight = precision, quality(params)
		}
	}
	return weight
}

func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(param), "="); strings.TrimSpace(name) == "q" {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(q >= 0) {
				return 0
			}
			return min(q, 1)
		}
	}
	return 1
}
