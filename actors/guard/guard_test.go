package guard

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const get = "GET / HTTP/1.1\r\nHost: x\r\n"

// scan gives a fresh guard the text in parts that end at the cuts.
func scan(text string, cuts ...int) *Guard {
	g := &Guard{Limits: DefaultLimits()}
	from := 0
	for _, cut := range append(cuts, len(text)) {
		g.Scan([]byte(text[from:cut]))
		from = cut
	}
	return g
}

// outcome is what is known of a guard from outside.
type outcome struct {
	heads, bodies, at int64
	status            int
	reason, text      string
	sum               Sum
	idle, underscores bool
}

func (g *Guard) outcome() outcome {
	o := outcome{heads: g.Heads(), bodies: g.Bodies(), sum: g.Sum(), idle: g.Idle(), underscores: g.Underscores()}
	if at, r := g.Refused(); r != nil {
		o.at, o.status, o.reason, o.text = at, r.Status, r.Reason, r.Text
	}
	return o
}

func TestWhatIsFine(t *testing.T) {
	t.Parallel()
	post := "POST / HTTP/1.1\r\nHost: x\r\n"
	for name, c := range map[string]struct {
		text          string
		heads, bodies int64
		idle          bool
	}{
		"nothing":                             {"", 0, 0, true},
		"a request":                           {get + "\r\n", 1, 1, true},
		"half a head":                         {get, 0, 0, false},
		"line feeds only":                     {"GET / HTTP/1.1\nHost: x\n\n", 1, 1, true},
		"two":                                 {get + "\r\n" + get + "\r\n", 2, 2, true},
		"one and a byte":                      {get + "\r\nG", 1, 1, false},
		"a body":                              {post + "Content-Length: 3\r\n\r\nabc", 1, 1, true},
		"a part of a body":                    {post + "Content-Length: 3\r\n\r\nab", 1, 0, false},
		"an empty body":                       {post + "content-LENGTH:0\r\n\r\n", 1, 1, true},
		"blanks around a length":              {post + "Content-Length: \t 3 \t\r\n\r\nabc", 1, 1, true},
		"a request in a body":                 {post + "Content-Length: 27\r\n\r\n" + get + "\r\n", 1, 1, true},
		"chunks":                              {post + "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n", 1, 1, true},
		"extensions and trailers":             {post + "Transfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0;last\r\nA: b\r\nContent-Length: 5\r\n\r\n", 1, 1, true},
		"chunks without an end":               {post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 1, 0, false},
		"an empty line behind a POST":         {post + "Content-Length: 1\r\n\r\na\r\n" + get + "\r\n", 2, 2, true},
		"and nothing behind that":             {post + "Content-Length: 1\r\n\r\na\r\n", 1, 1, false},
		"a value of bytes beyond ASCII":       {get + "A: \xff\t\xfe\r\n\r\n", 1, 1, true},
		"an empty value":                      {get + "A:\r\n\r\n", 1, 1, true},
		"HTTP/1.0":                            {"GET / HTTP/1.0\r\n\r\n", 1, 1, true},
		"HTTP/1.7":                            {"GET / HTTP/1.7\r\nHost: x\r\n\r\n", 1, 1, true},
		"a method nobody knows":               {"breW / HTTP/1.1\r\nHost: x\r\n\r\n", 1, 1, true},
		"Expect":                              {post + "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n", 1, 0, false},
		"names that nearly mean something":    {get + "Content-Lengt: x\r\nContent_Length: 3\r\nX-Transfer-Encoding: gzip\r\n\r\n", 1, 1, true},
		"a long name that begins like one":    {get + "Transfer-Encoding-And-More: gzip\r\n\r\n", 1, 1, true},
		"a header line just short of a limit": {get + "A: " + strings.Repeat("x", 16384-6) + "\r\n\r\n", 1, 1, true},
		"a first line just short of a limit":  {"GET /" + strings.Repeat("x", 8191-16) + " HTTP/1.1\r\nHost: x\r\n\r\n", 1, 1, true},
		"as many headers as may be":           {get + strings.Repeat("A: b\r\n", 99) + "\r\n", 1, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := scan(c.text).outcome(); got.heads != c.heads || got.bodies != c.bodies || got.idle != c.idle || got.at != 0 {
				t.Errorf("got %+v, want %d heads, %d bodies, idle %t", got, c.heads, c.bodies, c.idle)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	post := "POST / HTTP/1.1\r\nHost: x\r\n"
	chunked := post + "Transfer-Encoding: chunked\r\n\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
		at     int64
	}{
		"an empty line":                 {"\r\n" + get + "\r\n", 400, 1},
		"an empty line behind a GET":    {get + "\r\n\r\n", 400, 2},
		"two empty lines":               {post + "Content-Length: 0\r\n\r\n\r\n\r\n", 400, 2},
		"no target":                     {"FOO\r\n", 400, 1},
		"HTTP/0.9":                      {"GET /\r\n", 400, 1},
		"two blanks":                    {"GET  / HTTP/1.1\r\n", 400, 1},
		"four words":                    {"GET / x HTTP/1.1\r\n", 400, 1},
		"HTTX":                          {"GET / HTTX\r\n", 400, 1},
		"http/1.1":                      {"GET / http/1.1\r\n", 400, 1},
		"a blank behind the version":    {"GET / HTTP/1.1 \r\n", 400, 1},
		"HTTP/9.9":                      {"GET / HTTP/9.9\r\n", 505, 1},
		"HTTP/2's preface":              {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 1},
		"a control character up front":  {"GET /\x01 HTTP/1.1\r\n", 400, 1},
		"no colon":                      {get + "nonsense\r\n\r\n", 400, 1},
		"no name":                       {get + ": x\r\n\r\n", 400, 1},
		"a folded header":               {get + "A: b\r\n c\r\n\r\n", 400, 1},
		"a folded first header":         {"GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400, 1},
		"a blank before the colon":      {post + "Transfer-Encoding : chunked\r\n\r\n", 400, 1},
		"a tab before the colon":        {post + "Transfer-Encoding\t: chunked\r\n\r\n", 400, 1},
		"NUL in a value":                {get + "A: b\x00c\r\n\r\n", 400, 1},
		"NUL in a name":                 {get + "A\x00: b\r\n\r\n", 400, 1},
		"a CR of its own":               {get + "A: b\rc\r\n\r\n", 400, 1},
		"a CR before the end of line":   {get + "A: b\r\r\n\r\n", 400, 1},
		"DEL":                           {get + "A: \x7f\r\n\r\n", 400, 1},
		"two Hosts":                     {get + "host: y\r\n\r\n", 400, 1},
		"length -1":                     {post + "Content-Length: -1\r\n\r\n", 400, 1},
		"length +5":                     {post + "Content-Length: +5\r\n\r\n", 400, 1},
		"length 0x5":                    {post + "Content-Length: 0x5\r\n\r\n", 400, 1},
		"length 5,5":                    {post + "Content-Length: 5,5\r\n\r\n", 400, 1},
		"length 5 5":                    {post + "Content-Length: 5 5\r\n\r\n", 400, 1},
		"no length":                     {post + "Content-Length:\r\n\r\n", 400, 1},
		"a huge length":                 {post + "Content-Length: 9223372036854775808\r\n\r\n", 400, 1},
		"two lengths":                   {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, 1},
		"one length twice":              {post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, 1},
		"chunked and a length":          {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, 1},
		"a length and chunked":          {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 1},
		"chunked in HTTP/1.0":           {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 1},
		"chunked twice":                 {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 1},
		"gzip, chunked":                 {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, 1},
		"chunked, chunked":              {post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 501, 1},
		"xchunked":                      {post + "Transfer-Encoding: xchunked\r\n\r\n", 501, 1},
		"no coding":                     {post + "Transfer-Encoding:\r\n\r\n", 501, 1},
		"identity":                      {post + "Transfer-Encoding: identity\r\n\r\n", 501, 1},
		"vertical tab":                  {post + "Transfer-Encoding:\x0bchunked\r\n\r\n", 400, 1},
		"no size":                       {chunked + "\r\n", 400, 1},
		"a bad size":                    {chunked + "zz\r\n", 400, 1},
		"a size with a sign":            {chunked + "+3\r\nabc\r\n", 400, 1},
		"a size with 0x":                {chunked + "0x3\r\nabc\r\n", 400, 1},
		"a blank behind a size":         {chunked + "3 \r\nabc\r\n", 400, 1},
		"a huge size":                   {chunked + "10000000000000003\r\nabc\r\n", 400, 1},
		"a size and LF":                 {chunked + "3\nabc\r\n", 400, 1},
		"a chunk and LF":                {chunked + "3\r\nabc\n", 400, 1},
		"a chunk too long":              {chunked + "3\r\nabcd\r\n", 400, 1},
		"an extension and LF":           {chunked + "3;a\nabc\r\n", 400, 1},
		"a CR in an extension":          {chunked + "3;a\rb\r\nabc\r\n", 400, 1},
		"an endless extension":          {chunked + "3;" + strings.Repeat("x", 2000), 400, 1},
		"a trailer and LF":              {chunked + "0\r\nA: b\n\r\n", 400, 1},
		"an end and LF":                 {chunked + "0\r\n\n", 400, 1},
		"a folded trailer":              {chunked + "0\r\nA: b\r\n c\r\n\r\n", 400, 1},
		"another expectation":           {post + "Expect: 200-ok\r\n\r\n", 417, 1},
		"two expectations":              {post + "Expect: 100-continue, 100-continue\r\n\r\n", 417, 1},
		"the second":                    {get + "\r\n" + get + "A : b\r\n\r\n" + get + "\r\n", 400, 2},
		"a first line of its limit":     {"GET /" + strings.Repeat("x", 8192-16) + " HTTP/1.1\r\n", 414, 1},
		"an endless first line":         {strings.Repeat("x", 10_000), 414, 1},
		"a header line of its limit":    {get + "A: " + strings.Repeat("x", 16384-5) + "\r\n\r\n", 400, 1},
		"an endless name":               {get + strings.Repeat("x", 20_000), 400, 1},
		"headers of more than the most": {get + strings.Repeat("A: "+strings.Repeat("x", 16000)+"\r\n", 5) + "\r\n", 400, 1},
		"too many headers":              {get + strings.Repeat("A: b\r\n", 100) + "\r\n", 400, 1},
		"too many trailers":             {chunked + "0\r\n" + strings.Repeat("A: b\r\n", 101) + "\r\n", 400, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := scan(c.text).outcome(); got.status != c.status || got.at != c.at {
				t.Errorf("got %+v, want %d at %d", got, c.status, c.at)
			}
		})
	}
}

// TestItDoesNotMatterHowBytesCome cuts texts in other places.
func TestItDoesNotMatterHowBytesCome(t *testing.T) {
	t.Parallel()
	text := get + "X_Y: z\r\nContent-Length: 0\r\n\r\nPOST /a%20b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:  chunked \r\nExpect: 100-continue\r\n\r\n" +
		"a;b=c\r\n0123456789\r\n0\r\nA: b\r\n\r\n\r\n" + get + "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nA: b\rc\r\n\r\n"
	want := scan(text).outcome()
	if want.heads != 3 || want.at != 4 || !want.underscores {
		t.Fatalf("got %+v", want)
	}
	for cut := range len(text) {
		if got := scan(text, cut).outcome(); got != want {
			t.Fatalf("cut at %d: %+v, want %+v", cut, got, want)
		}
	}
	every := make([]int, len(text))
	for i := range every {
		every[i] = i
	}
	if got := scan(text, every...).outcome(); got != want {
		t.Errorf("byte by byte: %+v, want %+v", got, want)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		a := random.IntN(len(text))
		b := a + random.IntN(len(text)-a)
		if got := scan(text, a, b).outcome(); got != want {
			t.Fatalf("cut at %d and %d: %+v, want %+v", a, b, got, want)
		}
	}
}

func TestAGuardAllocatesNothing(t *testing.T) {
	head := []byte(get + "X-Auth-Token: " + strings.Repeat("t", 200) + "\r\nAccept: application/json\r\nContent-Length: 5\r\n\r\n01234")
	g := &Guard{Limits: DefaultLimits()}
	if n := testing.AllocsPerRun(100, func() { g.Scan(head) }); n != 0 {
		t.Errorf("%v allocations for a request", n)
	}
	if _, r := g.Refused(); r != nil || g.Bodies() < 100 {
		t.Errorf("refused: %v, bodies: %d", r, g.Bodies())
	}
}

// BenchmarkScan has the head of a usual client.
func BenchmarkScan(b *testing.B) {
	head := []byte("GET /v2.0/ports/5e0b3a1c-7f7b-4d5a-9d0f-4a6f0d1c2b3a HTTP/1.1\r\nHost: controller:9696\r\n" +
		"User-Agent: openstacksdk/4.4.0 keystoneauth1/5.9.1 python-requests/2.32.3 CPython/3.12.3\r\n" +
		"Accept-Encoding: gzip, deflate\r\nAccept: application/json\r\nConnection: keep-alive\r\nX-Auth-Token: " + strings.Repeat("g", 180) + "\r\n\r\n")
	g := &Guard{Limits: DefaultLimits()}
	b.SetBytes(int64(len(head)))
	for b.Loop() {
		g.Scan(head)
	}
}
