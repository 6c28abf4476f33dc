// Package quota holds projects to their limits: how many networks, subnets, ports, ... each may have. It owns the tables
// quotas, reservations and resourcedeltas, and the URLs below /v2.0/quotas.
//
// A limit is checked in the very transaction that inserts the rows (store.Ahead): the first thing it does is to count what
// the project has. Neutron makes a reservation in one transaction, the object in a second and removes the reservation in a
// third; here all three are one, so that nothing is left behind and exactly the limit succeeds, however many requests come
// at once. That needs transactions of one project and resource to run one after another. SQLite runs all writers so. On a
// database that does not, the check has to lock first what they have in common, the row of quotausages, as Neutron's
// DbQuotaDriver does; reserve is the place. Reservations of another Neutron on the same database count until they expire.
//
// A create whose project has no limit costs one look into the index of quotas, another one that and a count in the index of
// the project; reads cost nothing. Objects that are made along with others are not counted in advance, as in Neutron, but
// for the rules of new security groups (Allow).
//
// The package never changes what other packages own; of their tables it counts the rows of a project.
package quota
