package policy

// canSetProject is the rule of contexts that Neutron's library brings along: who may name the project of what he
// creates.
const canSetProject = "context_can_set_project_id"

// Defaults returns Neutron's default rules.
func Defaults() []Default {
	rules := standardRules()
	for i := range rules {
		if was := &rules[i].Was; was.Since != "" && was.Name == same {
			was.Name = rules[i].Name
		}
	}
	return append(rules, Default{Name: canSetProject, Check: "!"})
}
