package port

import "github.com/seed-a8f20362/hadron/httpapp/neutron"

// statusDown is the status of every port that no agent has wired.
const statusDown = "DOWN"

const updateStatus = `UPDATE ports SET status = ? WHERE id = ?`

// binding binds the port anew when host, vNIC type or profile change. A port whose binding failed is tried again with
// every update, whatever it changes (observed).
func (u *update) binding() error {
	was := u.was.Binding
	w := wish{
		port: u.was.ID, standard: u.was.Standard.ID, network: u.was.NetworkID,
		host: u.text("binding:host_id", was.Host), vnic: u.text("binding:vnic_type", was.VNICType), profile: u.profile(),
		bridge: u.service.bridge(u.was),
	}
	text, err := profileText(w.profile)
	if err != nil {
		return err
	}
	differs := w.host != was.Host || w.vnic != was.VNICType || text != profileOf(was)
	if !differs && (w.host == "" || plugged(was.VIFType)) {
		return nil
	}
	if _, err := u.tx.Exec(deleteLevels, w.port, was.Host, w.host); err != nil {
		return err
	}
	got, err := u.service.bind(u.tx, w, u.now)
	if err != nil {
		return err
	}
	if _, err := u.tx.Exec(deleteBindings, w.port, w.host); err != nil {
		return err
	}
	if _, err := u.tx.Exec(insertBinding, w.port, w.host, w.vnic, text, got.vif, got.details); err != nil {
		return err
	}
	u.rebound, u.tries = differs, triesOf(w.host, differs)
	return u.down(differs)
}

// profile is the profile the port will have.
func (u *update) profile() map[string]any {
	if u.in.Has("binding:profile") {
		return u.in.Dict("binding:profile")
	}
	return decode(u.was.Binding.Profile)
}

// profileOf is the stored profile in our own spelling, so that a profile another program wrote is no difference.
func profileOf(b neutron.Binding) string {
	o := decode(b.Profile)
	if len(o) == 0 {
		return ""
	}
	return encode(o)
}

// triesOf is how often Neutron counts what it does to bind a port, behind the change itself (observed): twice for another host,
// once for another try, and not at all for letting go.
func triesOf(host string, differs bool) int {
	switch {
	case host == "":
		return 0
	case differs:
		return 2
	}
	return 1
}

// down takes a port that was wired elsewhere down.
func (u *update) down(differs bool) error {
	if !differs || u.was.Status == statusDown {
		return nil
	}
	u.columns = true
	_, err := u.tx.Exec(updateStatus, statusDown, u.was.ID)
	return err
}
