package authtoken

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// maxEntries bounds the cache; an entry takes about 2 KiB.
	maxEntries = 10_000
	// invalidTime is how long a token is remembered that Keystone does not know. It is short: where Keystone has several
	// servers, one may hear of a new token a moment later than another.
	invalidTime = 10 * time.Second
)

// key is a token, hashed, and whether it may have expired. What Keystone confirms is kept under the key without expired,
// whoever has asked, and is compared with the clock when it is used.
type key struct {
	hash    [sha256.Size]byte
	expired bool
}

func keyOf(token string, expired bool) key {
	var room [512]byte // most tokens fit: no memory for the copy
	return key{hash: sha256.Sum256(append(room[:0], token...)), expired: expired}
}

// cache has what Keystone has said of tokens. It is safe for concurrent use.
type cache struct {
	// keep is how long an identity stays; 0 is as long as its token is valid, and less is not at all.
	keep time.Duration

	mu      sync.Mutex // guards what follows
	entries map[key]*entry
	// identities and refusals are in the order in which they were stored, which is that in which they go.
	identities, refusals queue
}

// entry is what is known of a token: its identity, nil for one that Keystone does not know.
type entry struct {
	key      key
	identity *identity
	until    time.Time
}

func newCache(keep time.Duration) *cache { return &cache{keep: keep, entries: map[key]*entry{}} }

// get answers what is known of a token, and whether anything is.
func (c *cache) get(k key, now time.Time) (*identity, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[key{hash: k.hash}]; e != nil && now.Before(e.until) && (e.identity != nil || !k.expired) {
		return e.identity, true
	}
	if !k.expired {
		return nil, false
	}
	e := c.entries[k]
	if e == nil || !now.Before(e.until) {
		return nil, false
	}
	return e.identity, true
}

// put keeps what Keystone has said; nil is that it does not know the token.
func (c *cache) put(k key, i *identity, now time.Time) {
	if c.keep < 0 {
		return
	}
	e := &entry{key: k, identity: i, until: now.Add(invalidTime)}
	if c.keep > 0 {
		e.until = now.Add(min(c.keep, invalidTime))
	}
	if i != nil {
		e.key.expired = false
		if e.until = now.Add(c.keep); c.keep == 0 {
			e.until = i.expires
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep(now)
	c.entries[e.key] = e
	if i != nil {
		c.identities.push(e)
	} else {
		c.refusals.push(e)
	}
	// The flood of tokens that mean nothing goes before a single one that does.
	for len(c.entries) > maxEntries && (c.drop(&c.refusals) || c.drop(&c.identities)) {
	}
}

// sweep lets go of what has had its time.
func (c *cache) sweep(now time.Time) {
	for _, q := range []*queue{&c.refusals, &c.identities} {
		for e := q.first(); e != nil && !now.Before(e.until); e = q.first() {
			c.drop(q)
		}
	}
}

// drop removes the first of a queue, and reports whether there was one.
func (c *cache) drop(q *queue) bool {
	e := q.pop()
	if e == nil {
		return false
	}
	if c.entries[e.key] == e { // else a later one has its place
		delete(c.entries, e.key)
	}
	return true
}

// size is the number of entries.
func (c *cache) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

// queue is first in, first out.
type queue struct {
	items []*entry
	head  int
}

func (q *queue) push(e *entry) {
	if q.head > len(q.items)/2 { // move up instead of growing for ever
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, e)
}

func (q *queue) first() *entry {
	if q.head == len(q.items) {
		return nil
	}
	return q.items[q.head]
}

func (q *queue) pop() *entry {
	e := q.first()
	if e != nil {
		q.items[q.head] = nil
		q.head++
	}
	return e
}
