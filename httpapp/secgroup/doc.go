// Package secgroup is the security-groups, security-group-rules and default-security-group-rules resources, and what
// ports need of groups: the default group of every project, and the check that the groups a port names are there. It owns
// the tables securitygroups, securitygrouprules, default_security_group and securitygroupdefaultrules, whose rows are the
// templates of a new group's rules.
//
// It promises that a project gets its default group once, with its first network, port, group or list of groups; that a
// group never stays half made; that no group has two rules that mean the same; and that a group whose rules change has
// a new revision. Standing.Ensure and Check run inside the caller's transaction: write transactions come one after another, and
// the primary key of default_security_group refuses a second group should another process write at the same time.
package secgroup
