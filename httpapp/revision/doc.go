// Package revision is the extension revision-if-match: it makes the first write transaction of a request depend on the
// revision number that the client has named. The comparison happens inside that transaction, so of two clients with the
// same number one gets PreconditionFailed, however close together they come. Counting revisions is what each domain does
// with its own changes (store.Tx.Revise).
package revision
