package ml2

import "strings"

// tunnelSQL are the statements on one tunnel type's allocation table. The three tables differ in two names only.
type tunnelSQL struct {
	free, freeIn       string
	take, insertTaken  string
	freeAgain, forget  string
	count, fill, prune string
}

// newTunnelSQL fills the two names in. They are constants of this package, never a client's.
func newTunnelSQL(table, column string) tunnelSQL {
	r := strings.NewReplacer("TABLE", table, "COLUMN", column)
	return tunnelSQL{
		// The index on allocated holds the primary key too, so that the lowest free id is its first entry.
		free: r.Replace(`SELECT COLUMN FROM TABLE WHERE allocated = 0 ORDER BY COLUMN LIMIT 1`),
		freeIn: r.Replace(`SELECT COLUMN FROM TABLE WHERE allocated = 0 AND COLUMN BETWEEN ? AND ?
			ORDER BY COLUMN LIMIT 1`),
		take:        r.Replace(`UPDATE TABLE SET allocated = 1 WHERE COLUMN = ? AND allocated = 0`),
		insertTaken: r.Replace(`INSERT INTO TABLE (COLUMN, allocated) VALUES (?, 1)`),
		freeAgain:   r.Replace(`UPDATE TABLE SET allocated = 0 WHERE COLUMN = ?`),
		forget:      r.Replace(`DELETE FROM TABLE WHERE COLUMN = ?`),
		count:       r.Replace(`SELECT count(*) FROM TABLE WHERE COLUMN BETWEEN ? AND ?`),
		fill: r.Replace(`INSERT INTO TABLE (COLUMN, allocated)
			WITH RECURSIVE ids(id) AS (SELECT ? UNION ALL SELECT id + 1 FROM ids WHERE id < ?)
			SELECT id, 0 FROM ids WHERE NOT EXISTS (SELECT 1 FROM TABLE WHERE COLUMN = ids.id)`),
		prune: r.Replace(`DELETE FROM TABLE WHERE allocated = 0 AND COLUMN BETWEEN ? AND ?`),
	}
}
