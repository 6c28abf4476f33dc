package ml2

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// span is a run of segmentation ids, both ends included.
type span struct{ first, last int64 }

// spans are ordered and do not touch one another.
type spans []span

func (s spans) contain(id int64) bool {
	return slices.ContainsFunc(s, func(r span) bool { return r.first <= id && id <= r.last })
}

// add returns s with r in it, merged with what it overlaps or touches.
func (s spans) add(r span) spans {
	all := append(slices.Clone(s), r)
	slices.SortFunc(all, func(a, b span) int { return int(a.first - b.first) })
	out := all[:1]
	for _, n := range all[1:] {
		top := &out[len(out)-1]
		if n.first <= top.last+1 {
			top.last = max(top.last, n.last)
			continue
		}
		out = append(out, n)
	}
	return out
}

// parseSpans reads "first:last" texts whose ids lie within limit.
func parseSpans(option string, texts []string, limit span) (spans, error) {
	var out spans
	for _, text := range texts {
		first, last, ok := strings.Cut(strings.TrimSpace(text), ":")
		if !ok {
			return nil, fmt.Errorf("%s: %q is not first:last", option, text)
		}
		r, err := parseSpan(first, last, limit)
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", option, text, err)
		}
		out = out.add(r)
	}
	return out, nil
}

func parseSpan(first, last string, limit span) (span, error) {
	var r span
	for _, end := range []struct {
		text string
		to   *int64
	}{{first, &r.first}, {last, &r.last}} {
		n, err := strconv.ParseInt(strings.TrimSpace(end.text), 10, 64)
		if err != nil {
			return span{}, fmt.Errorf("%q is not a number", end.text)
		}
		if n < limit.first || n > limit.last {
			return span{}, fmt.Errorf("%d is not in %d through %d", n, limit.first, limit.last)
		}
		*end.to = n
	}
	if r.last < r.first {
		return span{}, fmt.Errorf("the end is less than the beginning")
	}
	return r, nil
}

// vlanNetwork is one physical network of network_vlan_ranges. Without ids its VLANs must be named by the client.
type vlanNetwork struct {
	name string
	ids  spans
}

const vlanOption = "[ml2_type_vlan] network_vlan_ranges"

// parseVLANs reads "physnet" and "physnet:first:last" texts, several of which may speak of one physical network.
func parseVLANs(texts []string) ([]vlanNetwork, error) {
	var out []vlanNetwork
	for _, text := range texts {
		name, ends, hasIDs := strings.Cut(strings.TrimSpace(text), ":")
		name = strings.TrimSpace(name)
		if name == "" {
			return nil, fmt.Errorf("%s: %q: the physical network has no name", vlanOption, text)
		}
		i := slices.IndexFunc(out, func(n vlanNetwork) bool { return n.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, vlanNetwork{name: name})
		}
		if !hasIDs {
			continue
		}
		first, last, ok := strings.Cut(ends, ":")
		if !ok {
			return nil, fmt.Errorf("%s: %q is not physical_network[:first:last]", vlanOption, text)
		}
		r, err := parseSpan(first, last, span{minVLAN, maxVLAN})
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", vlanOption, text, err)
		}
		out[i].ids = out[i].ids.add(r)
	}
	return out, nil
}
