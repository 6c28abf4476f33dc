package conf

// The options of the server's dealings with agents: liveness, scheduling, periodic work.
var (
	AgentDownTime = intOption(Option{Name: "agent_down_time", Type: Integer{Max: bound(2147483)}, Default: "75",
		Reload: Hot, Help: "Seconds without a report after which an agent counts as down."})
	EnableNewAgents = boolOption(Option{Name: "enable_new_agents", Default: "true", Reload: Hot,
		Help: "An agent seen for the first time is scheduled to at once."})
	NetworkAutoSchedule = boolOption(Option{Name: "network_auto_schedule", Default: "true", Reload: Hot,
		Why: noScheduling, Help: "Give networks without a DHCP agent to agents that ask for work."})
	NetworkSchedulerDriver = textOption(Option{Name: "network_scheduler_driver",
		Default: "neutron.scheduler.dhcp_agent_scheduler.WeightScheduler",
		Help:    "How a DHCP agent is chosen for a network."})
	RouterAutoSchedule = boolOption(Option{Name: "router_auto_schedule", Default: "true", Reload: Hot,
		Why: noScheduling, Help: "Give routers without an agent to L3 agents that ask for work."})
	RouterSchedulerDriver = textOption(Option{Name: "router_scheduler_driver",
		Default: "neutron.scheduler.l3_agent_scheduler.LeastRoutersScheduler",
		Help:    "How an L3 agent is chosen for a router."})
	DHCPLoadType = textOption(Option{Name: "dhcp_load_type", Default: "networks", Reload: Hot,
		Type: Text{Choices: []string{"networks", "subnets", "ports"}},
		Help: "What the load of a DHCP agent is counted in."})
	DHCPAgentsPerNetwork = intOption(Option{Name: "dhcp_agents_per_network", Type: Integer{Min: bound(1)},
		Default: "1", Help: "DHCP agents that serve one network."})
	DHCPAgentNotification = boolOption(Option{Name: "dhcp_agent_notification", Default: "true",
		Help: "Let networks find DHCP agents when they get subnets and ports; without it they stay where they are."})
	MaxL3AgentsPerRouter = intOption(Option{Name: "max_l3_agents_per_router", Default: "3", Reload: Hot,
		Why: noScheduling, Help: "Most L3 agents that serve one highly available router; 0 is all."})
	AllowAutomaticDHCPFailover = boolOption(Option{Name: "allow_automatic_dhcp_failover", Default: "true",
		Reload: Hot, Why: noScheduling, Help: "Move networks away from DHCP agents that are down."})
	AllowAutomaticL3AgentFailover = boolOption(Option{Name: "allow_automatic_l3agent_failover", Default: "false",
		Reload: Hot, Why: noScheduling, Help: "Move routers away from L3 agents that are down."})
	PeriodicInterval = intOption(Option{Name: "periodic_interval", Default: "40", Reload: Restart,
		Help: "Seconds between two runs of periodic work."})
	PeriodicFuzzyDelay = intOption(Option{Name: "periodic_fuzzy_delay", Default: "5", Reload: Restart,
		Help: "Most seconds by which the first periodic run is delayed at random."})
	RunExternalPeriodicTasks = boolOption(Option{Name: "run_external_periodic_tasks", Default: "true", Reload: Restart,
		Help: "Run here also those periodic tasks that another process could."})
	SendEventsInterval = intOption(Option{Name: "send_events_interval", Default: "2", Reload: Hot,
		Why: noOthers, Help: "Seconds over which events for Nova are collected into one call."})
)

func agentOptions() []Handle {
	return []Handle{
		AgentDownTime, EnableNewAgents, NetworkAutoSchedule, NetworkSchedulerDriver, RouterAutoSchedule,
		RouterSchedulerDriver, DHCPLoadType, DHCPAgentsPerNetwork, DHCPAgentNotification, MaxL3AgentsPerRouter,
		AllowAutomaticDHCPFailover, AllowAutomaticL3AgentFailover, PeriodicInterval, PeriodicFuzzyDelay,
		RunExternalPeriodicTasks, SendEventsInterval,
	}
}
