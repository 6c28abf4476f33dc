// Package tag is the extensions standard-attr-tag and tag-creation: the tags of every resource with standard attributes,
// read and changed below the resource's own URL. The resource's domain says whether an object is there for the caller;
// this package knows only its row in standardattributes. Every request that adds or takes away a tag is one transaction
// and one revision of the object, and one that changes nothing is none, as in Neutron 2026.1.
package tag
