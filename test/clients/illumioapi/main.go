// The Go library of workloader, as published, through an onboarding: each step is told as one line of JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	api "github.com/brian1917/illumioapi/v2"
)

type facts map[string]any

// step runs one step and tells it; a step that fails ends the story.
func step(name string, work func(facts) error) {
	told := facts{}
	line := map[string]any{"step": name, "facts": told}
	err := work(told)
	if err != nil {
		line = map[string]any{"step": name, "failed": err.Error()}
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
	if err != nil {
		os.Exit(1)
	}
}

// first is the first error of some calls.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// said is what the library tells of a call: its error, and the body of the answer.
func said(response api.APIResponse, err error) []string {
	if err == nil {
		return []string{"", response.RespBody}
	}
	return []string{err.Error(), response.RespBody}
}

func names[T any](all []T, name func(T) string) []string {
	found := []string{}
	for _, one := range all {
		found = append(found, name(one))
	}
	return found
}

func main() {
	host := flag.String("host", "127.0.0.1", "")
	port := flag.Int("port", 8443, "")
	email := flag.String("email", "", "")
	password := flag.String("password", "", "")
	flag.Parse()

	pce := api.PCE{FQDN: *host, Port: *port, DisableTLSChecking: true, FriendlyName: "emulator"}

	step("log in and make a key", func(told facts) error {
		login, _, err := pce.LoginAPIKey(*email, *password, "go", "of the driver", "")
		if err != nil {
			return err
		}
		keys, _, err := pce.GetAllAPIKeys(login.Href)
		told["user"], told["org"], told["session"] = login.Href, pce.Org, login.AuthUsername
		told["key"] = pce.User
		told["keys"] = names(keys, func(key api.APIKey) string { return key.Name })
		return err
	})

	step("come with a wrong password", func(told facts) error {
		stranger := api.PCE{FQDN: *host, Port: *port, DisableTLSChecking: true}
		_, _, err := stranger.Login(*email, "wrong", "")
		told["error"] = fmt.Sprint(err)
		return nil
	})

	step("ask for the version", func(told facts) error {
		version, _, err := pce.GetVersion()
		told["version"] = []int{version.Major, version.Minor}
		return err
	})

	var role, env api.Label
	step("make labels", func(told facts) error {
		var errs [5]error
		role, _, errs[0] = pce.CreateLabel(api.Label{Key: "role", Value: "Web"})
		env, _, errs[1] = pce.CreateLabel(api.Label{Key: "env", Value: "Test"})
		role.Value = "WebServer"
		_, errs[2] = pce.UpdateLabel(role)
		found, _, err := pce.GetLabelByKeyValue("role", "WebServer")
		read, _, errRead := pce.GetLabelByHref(role.Href)
		errs[3], errs[4] = err, errRead
		told["found"], told["read"], told["href"] = found.Href, read.Value, role.Href
		told["again"] = said(func() (api.APIResponse, error) {
			_, response, err := pce.CreateLabel(api.Label{Key: "role", Value: "WebServer"})
			return response, err
		}())
		return first(errs[:]...)
	})

	step("get labels through a job", func(told facts) error {
		labels := []api.Label{}
		_, err := pce.GetCollection("labels", true, nil, &labels)
		told["values"] = names(labels, func(label api.Label) string { return label.Value })
		return err
	})

	var cluster api.ContainerCluster
	step("onboard a cluster", func(told facts) error {
		made := struct {
			Href  string `json:"href"`
			Token string `json:"container_cluster_token"`
		}{}
		_, err := pce.Post("container_clusters", &api.ContainerCluster{Name: "shop", Description: api.Ptr("go")}, &made)
		if err != nil {
			return err
		}
		_, err = pce.GetContainerClusters(map[string]string{"name": "shop"})
		cluster = pce.ContainerClusters["shop"]
		told["token"], told["href"], told["found"] = made.Token, made.Href, cluster.Href
		return err
	})

	step("change profiles", func(told facts) error {
		if _, err := pce.GetContainerWkldProfiles(nil, cluster.ID()); err != nil {
			return err
		}
		profile := pce.ContainerWorkloadProfiles["Default Profile"]
		profile.Managed, profile.EnforcementMode = api.Ptr(true), api.Ptr("visibility_only")
		if _, err := pce.GetLabels(nil); err != nil {
			return err
		}
		err := first(profile.SetLabel(role, &pce))
		if err != nil {
			return err
		}
		if _, err = pce.UpdateContainerWkldProfiles(profile); err != nil {
			return err
		}
		made := api.ContainerWorkloadProfile{}
		fresh := api.ContainerWorkloadProfile{Name: api.Ptr("payments"), EnforcementMode: api.Ptr("full"), Managed: api.Ptr(true)}
		endpoint := "container_clusters/" + cluster.ID() + "/container_workload_profiles"
		if _, err = pce.Post(endpoint, &fresh, &made); err != nil {
			return err
		}
		if _, err = pce.DeleteHref(made.Href); err != nil {
			return err
		}
		_, err = pce.GetContainerWkldProfiles(nil, cluster.ID())
		left := pce.ContainerWorkloadProfilesSlice
		told["left"] = len(left)
		told["profile"] = left[0]
		told["backends"] = said(pce.GetCollection("container_clusters/"+cluster.ID()+"/service_backends", false, nil, &[]any{}))
		return err
	})

	step("make a pairing profile and a key", func(told facts) error {
		profile, _, err := pce.CreatePairingProfile(api.PairingProfile{
			Name: "nodes", Enabled: api.Ptr(true), Mode: "illuminated", KeyLifespan: "unlimited",
			AllowedUsesPerKey: "unlimited", Labels: &[]api.Label{{Href: env.Href}},
		})
		if err != nil {
			return err
		}
		key, _, err := pce.CreatePairingKey(profile)
		profile.Description = api.Ptr("changed")
		_, errUpdate := pce.UpdatePairingProfile(profile)
		found, _, errGet := pce.GetPairingProfiles(map[string]string{"name": "nodes"})
		_, errDelete := pce.DeleteHref(found[0].Href)
		told["mode"], told["code"], told["description"] = found[0].Mode, key.ActivationCode, *found[0].Description
		return first(err, errUpdate, errGet, errDelete)
	})

	var workload api.Workload
	step("make workloads", func(told facts) error {
		var err error
		workload, _, err = pce.CreateWkld(api.Workload{
			Hostname: api.Ptr("web-1"), Name: api.Ptr("web-1"), Labels: &[]api.Label{{Href: role.Href}},
		})
		if err != nil {
			return err
		}
		workload.Description = api.Ptr("changed")
		_, errUpdate := pce.UpdateWkld(workload)
		created, errCreate := pce.BulkWorkload([]api.Workload{{Hostname: api.Ptr("web-2"), Name: api.Ptr("web-2")}}, "create", false)
		made := []api.BulkResponse{}
		json.Unmarshal([]byte(created[0].RespBody), &made)
		second := api.Workload{Href: made[0].Href, EnforcementMode: api.Ptr("full")}
		updated, errBulk := pce.BulkWorkload([]api.Workload{second}, "update", false)
		_, errGet := pce.GetWklds(nil)
		told["hostnames"] = names(pce.WorkloadsSlice, func(one api.Workload) string { return api.PtrToVal(one.Hostname) })
		told["warnings"] = updated[0].Warnings
		_, errDelete := pce.BulkWorkload([]api.Workload{second}, "delete", false)
		read, _, errRead := pce.GetWkldByHref(workload.Href)
		told["description"] = api.PtrToVal(read.Description)
		return first(errUpdate, errCreate, errBulk, errGet, errDelete, errRead)
	})

	var service api.Service
	var list api.IPList
	var virtual api.VirtualService
	step("write policy", func(told facts) error {
		var errs [11]error
		tcp, port := 6, 443
		service, _, errs[0] = pce.CreateService(api.Service{
			Name: "web", ServicePorts: &[]api.ServicePort{{Port: &port, Protocol: tcp}},
		})
		list, _, errs[1] = pce.CreateIPList(api.IPList{Name: "office", IPRanges: &[]api.IPRange{{FromIP: "10.0.0.0/8"}}})
		virtual, _, errs[2] = pce.CreateVirtualService(api.VirtualService{
			Name: "front", ServicePorts: &[]api.ServicePort{{Port: &port, Protocol: tcp}},
		})
		group, _, err := pce.CreateLabelGroup(api.LabelGroup{Name: "front", Key: "role", Labels: &[]api.Label{{Href: role.Href}}})
		errs[3] = err
		rules, _, err := pce.CreateRuleset(api.RuleSet{
			Name: "shop", Enabled: api.Ptr(true), Scopes: &[][]api.Scopes{{{Label: &api.Label{Href: env.Href}}}},
		})
		errs[4] = err
		if err := first(errs[:]...); err != nil {
			return err
		}
		providers := []api.ConsumerOrProvider{{Label: &api.Label{Href: role.Href}}}
		consumers := []api.ConsumerOrProvider{{IPList: &api.IPList{Href: list.Href}}}
		services := []api.IngressServices{{Href: service.Href}}
		workloads := []string{"workloads"}
		rule, _, err := pce.CreateRule(rules.Href, api.Rule{
			Enabled: api.Ptr(true), Providers: &providers, Consumers: &consumers, IngressServices: &services,
			UnscopedConsumers: api.Ptr(true), ResolveLabelsAs: &api.ResolveLabelsAs{Providers: &workloads, Consumers: &workloads},
		})
		errs[5] = err
		boundary, _, err := pce.CreateEnforcementBoundary(api.EnforcementBoundary{
			Name: "no RDP", Providers: &providers, Consumers: &consumers, IngressServices: &[]api.IngressServices{{Port: &port, Protocol: &tcp}},
		})
		errs[6] = err
		_, errs[7] = pce.GetRulesets(nil, "draft")
		pending, _, err := pce.GetPendingChanges()
		errs[8] = err
		told["pending"] = []int{len(pending.Services), len(pending.IPLists), len(pending.RuleSets), len(pending.EnforcementBoundaries)}
		told["rule_sets"] = names(pce.RuleSetsSlice, func(one api.RuleSet) string { return one.Name })
		told["rule"] = strings.HasPrefix(rule.Href, rules.Href)
		hrefs := []string{service.Href, list.Href, virtual.Href, group.Href, rules.Href, boundary.Href}
		response, err := pce.ProvisionHref(hrefs, "all of it")
		if err != nil {
			return fmt.Errorf("%s: %s", err, response.RespBody)
		}
		any, _, err := pce.GetIPListByName("Any (0.0.0.0/0 and ::/0)", "active")
		errs[9] = err
		latest, _, err := pce.GetMostRecentSecPolicy()
		errs[10] = err
		told["any"], told["version"] = any.Href, latest.Version
		return first(errs[:]...)
	})

	step("bind a virtual service", func(told facts) error {
		found, _, err := pce.GetVirtualServiceByName("front", "active")
		if err != nil {
			return err
		}
		bound, _, err := pce.CreateServiceBinding([]api.ServiceBinding{{
			VirtualService: &api.VirtualService{Href: found.Href}, Workload: &api.Workload{Href: workload.Href},
		}})
		if err != nil {
			return err
		}
		bindings, _, err := pce.GetServiceBindings(nil)
		told["active"], told["draft"] = found.Href, virtual.Href
		told["bound"] = len(bound) == 1 && len(bindings) == 1 && bound[0].Href == bindings[0].Href
		_, errDelete := pce.DeleteHref(bound[0].Href)
		return first(err, errDelete)
	})

	step("load everything at once", func(told facts) error {
		_, err := pce.Load(api.LoadInput{
			ProvisionStatus: "draft", LabelDimensions: true, Labels: true, LabelGroups: true, IPLists: true, Workloads: true,
			VirtualServices: true, Services: true, RuleSets: true, VENs: true, ContainerClusters: true, ContainerWorkloads: true,
			EnforcementBoundaries: true, Version: true,
		}, true)
		told["dimensions"] = names(pce.LabelDimensionsSlice, func(one api.LabelDimension) string { return one.Key })
		told["counts"] = []int{len(pce.LabelsSlice), len(pce.IPListsSlice), len(pce.ServicesSlice), len(pce.VirtualServicesSlice)}
		return err
	})

	step("read what happened", func(told facts) error {
		// Its own GetEvents takes an agent of every event for granted.
		events := []api.Event{}
		_, err := pce.GetCollection("events", false, map[string]string{"max_results": "3"}, &events)
		told["events"] = len(events)
		return err
	})

	step("delete the cluster", func(told facts) error {
		_, err := pce.DeleteHref(cluster.Href)
		told["again"] = said(pce.DeleteHref(cluster.Href))
		return err
	})
}
