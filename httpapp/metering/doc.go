// Package metering is the metering plugin: /metering/metering-labels and /metering/metering-label-rules. It owns the tables
// meteringlabels and meteringlabelrules.
//
// It promises that every request is one transaction, that prefixes are stored as Neutron stores them, that no two rules of a
// label for the same traffic have remote prefixes that overlap, and that a label takes its rules with it. Nothing of either
// can be changed. A project sees its own labels and their rules; of shared labels of others it sees no more than the policy
// lets it. Rules belong to the project of their label, and are made for labels of one's own: Neutron fails where a member
// asks for rules, and lets anybody add rules to any label.
//
// It tells no agent about labels and rules.
package metering
