package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver that the server has
)

// readers is how many connections the server reads on.
const readers = 8

// replayer runs the statements of a recording again and again, with nothing of the server around them: prepared once a
// connection, rows read column by column and thrown away.
type replayer struct {
	recording
	conns  chan *replayConn
	all    []*replayConn
	db     *sql.DB
	made   []made // what a recorded create made, nil for a read
	serial *atomic.Int64
}

type replayConn struct {
	raw   *sql.Conn
	stmts []*sql.Stmt // of the recording's statements
}

// made are the values of a created port that no other may have.
type made struct {
	MAC      string `json:"mac_address"`
	FixedIPs []struct {
		Address string `json:"ip_address"`
	} `json:"fixed_ips"`
	standard int64
}

// pragmas are the server's.
const pragmas = "_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-8000)" +
	"&_pragma=mmap_size(268435456)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)"

func newReplayer(ctx context.Context, m *mirror, rec recording) (*replayer, error) {
	db, err := sql.Open("sqlite", "file:"+m.path+"?"+pragmas)
	if err != nil {
		return nil, err
	}
	p := &replayer{recording: rec, db: db, serial: &m.serial}
	n := readers
	if rec.writes() {
		n = 1
		if p.made, err = rec.creations(); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	p.conns = make(chan *replayConn, n)
	for range n {
		c, err := p.connect(ctx)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.all = append(p.all, c)
		p.conns <- c
	}
	return p, nil
}

func (p *replayer) connect(ctx context.Context) (*replayConn, error) {
	raw, err := p.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &replayConn{raw: raw}
	for i := range p.statements {
		s, err := raw.PrepareContext(ctx, p.statements[i].text)
		if err != nil {
			return nil, errors.Join(err, raw.Close())
		}
		c.stmts = append(c.stmts, s)
	}
	return c, nil
}

func (p *replayer) close() error {
	var err error
	for _, c := range p.all {
		err = errors.Join(err, c.raw.Close())
	}
	return errors.Join(err, p.db.Close())
}

func (r *recording) writes() bool {
	for i := range r.statements {
		if strings.HasPrefix(r.statements[i].text, "BEGIN IMMEDIATE") {
			return true
		}
	}
	return false
}

// creations finds the values of the ports that the recorded request made, in its answer and its statements.
func (r *recording) creations() ([]made, error) {
	var answer struct {
		Port  *made  `json:"port"`
		Ports []made `json:"ports"`
	}
	if err := json.Unmarshal(r.body, &answer); err != nil {
		return nil, err
	}
	if answer.Port != nil {
		answer.Ports = []made{*answer.Port}
	}
	n := 0
	for i := range r.statements {
		s := &r.statements[i]
		if !strings.HasPrefix(s.text, "INSERT INTO ports ") || n == len(answer.Ports) {
			continue
		}
		// Ports are made in the order of the request and the answer.
		standard, ok := s.args[len(s.args)-1].(int64)
		if !ok {
			return nil, fmt.Errorf("%s: no standard attribute among %v", s.text, s.args)
		}
		answer.Ports[n].standard = standard
		n++
	}
	if n == 0 || n != len(answer.Ports) {
		return nil, fmt.Errorf("%d ports were inserted, and %d answered", n, len(answer.Ports))
	}
	return answer.Ports, nil
}

// fresh returns what takes the place of the recorded values in one replay. Addresses lie beyond those of any subnet here,
// which no constraint of the database minds.
func (p *replayer) fresh() map[any]any {
	if p.made == nil {
		return nil
	}
	out := make(map[any]any, len(p.novel)+3*len(p.made))
	for _, id := range p.novel {
		out[id] = uuid.NewString()
	}
	for i := range p.made {
		n := p.serial.Add(1)
		out[p.made[i].MAC] = fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", n>>24&255, n>>16&255, n>>8&255, n&255)
		for _, ip := range p.made[i].FixedIPs {
			if strings.Contains(ip.Address, ":") {
				out[ip.Address] = fmt.Sprintf("fd00::%x:%x", n>>16&0xffff, n&0xffff)
			} else {
				out[ip.Address] = fmt.Sprintf("172.%d.%d.%d", n>>16&255, n>>8&255, n&255)
			}
		}
	}
	return out
}

// run replays the statements once.
func (p *replayer) run(ctx context.Context) error {
	other := p.fresh()
	c := <-p.conns
	defer func() { p.conns <- c }()
	standards := 0
	for i := range p.statements {
		id, err := c.step(ctx, i, &p.statements[i], other)
		if err != nil {
			// There is nothing to undo where the statement was BEGIN, or has ended the transaction itself.
			_, _ = c.raw.ExecContext(ctx, "ROLLBACK")
			return fmt.Errorf("%s: %w", p.statements[i].text, err)
		}
		if standards < len(p.made) && strings.HasPrefix(p.statements[i].text, "INSERT INTO standardattributes") {
			other[p.made[standards].standard] = id
			standards++
		}
	}
	return nil
}

// step runs statement number i and returns the id of the row that it inserted.
func (c *replayConn) step(ctx context.Context, i int, s *statement, other map[any]any) (int64, error) {
	args := s.args
	if other != nil {
		args = replaced(args, other)
	}
	if s.isQuery() {
		return 0, drain(ctx, c.stmts[i], args)
	}
	result, err := c.stmts[i].ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func replaced(args []any, other map[any]any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		if v, ok := other[a]; ok {
			out[i] = v
		}
	}
	return out
}

// drain reads every column of every row.
func drain(ctx context.Context, s *sql.Stmt, args []any) error {
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]sql.RawBytes, len(columns))
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
	}
	return rows.Err()
}
