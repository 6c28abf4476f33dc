// Package secgroup owns what ports need of security groups: the default group of every project, and the check that the
// groups a port names are there.
//
// It promises that a project gets its default group once, filled with the rules of securitygroupdefaultrules that are
// meant for default groups, and that the group never stays half made. It runs inside the caller's write transaction:
// write transactions come one after another, and the primary key of default_security_group refuses a second group
// should another process write at the same time. It serves no URL.
package secgroup
