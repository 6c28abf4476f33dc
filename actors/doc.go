// Package actors has what runs: one kind of actor a file. Each is a child of package otp, made from plain values by a
// constructor, and knows its supervisor only through otp's Context. How the children form a tree is not decided here but
// in the one table of package supervisor.
//
//	listener   binds the sockets of the Sockets table and hands out duplicates
//	store      opens the database, closes it at the end
//	messaging  opens the transport to the agents; its Wire is what others keep
//	rpcworkers the workers that take messages from the server's topics and run the endpoints
//	plugins    loops: the agents' health, expired reservations, periodic tasks of the domains
//	server     accepts connections on a duplicate and serves HTTP until told to stop, then drains; package http1 speaks HTTP/1
//	           on them, net/http HTTP/2; they are parked while they are idle, and a gate stands before the pool
//	pool       the handlers of one worker; hands each request to a free one
//	handler    runs one request at a time; a panic costs that request only
//	config     holds the Snapshot, reads everything again on Reload
//	observer   serves the admin socket
//	signals    turns signals into messages
//
// Beside them stand the things that outlive an actor's incarnation and are therefore owned by the root: Sockets (so that a
// port once bound refuses nobody until the daemon stops), Applications (the generations of the application) and Settings (the
// HTTP options of every server). The exported struct of an actor is its shared side, made once; what it gives out
// (Listener.Duplicates, Store.DB, Config.Snapshot) is that of the incarnation in force.
package actors
