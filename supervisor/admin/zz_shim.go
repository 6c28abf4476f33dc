package admin

import "context"

// Upgrade is provisional.
func (c *Client) Upgrade(ctx context.Context) (pid int, err error) { return 0, nil }
