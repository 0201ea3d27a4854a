// Enforces the NetworkPolicies of a cluster whose nodes share one network, with the firewall of kube-router.
package main

import (
	"flag"
	"log"
	"sync"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to log in")
	node := flag.String("node", "", "the name of a node")
	address := flag.String("node-address", "", "the address of that node")
	services := flag.String("services", "", "the address range of services")
	flag.Parse()

	login, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	check(err)
	client, err := kubernetes.NewForConfig(login)
	check(err)
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	// kube-router takes care of the pods of its own node only, and removes the rules for all others. Here, it is the only one.
	check(pods.SetTransform(func(object any) (any, error) {
		if pod, ok := object.(*corev1.Pod); ok && pod.Status.HostIP != "" {
			pod.Status.HostIP = *address
		}
		return object, nil
	}))
	stop := make(chan struct{})
	factory.Start(stop)
	factory.WaitForCacheSync(stop)

	config := options.NewKubeRouterConfig()
	config.EnableIPv4 = true
	config.HostnameOverride = *node
	config.ClusterIPCIDRs = []string{*services}
	iptables, ipsets, err := netpol.NewIPTablesHandlers(config)
	check(err)
	firewall, err := netpol.NewNetworkPolicyController(client, config, pods, policies, namespaces, &sync.Mutex{}, iptables, ipsets)
	check(err)
	handle(pods, firewall.PodEventHandler)
	handle(policies, firewall.NetworkPolicyEventHandler)
	handle(namespaces, firewall.NamespaceEventHandler)

	heartbeats := make(chan *healthcheck.ControllerHeartbeat)
	go func() {
		for range heartbeats {
		}
	}()
	running := sync.WaitGroup{}
	running.Add(1)
	firewall.Run(heartbeats, stop, &running)
}

func handle(informer cache.SharedIndexInformer, handler cache.ResourceEventHandler) {
	_, err := informer.AddEventHandler(handler)
	check(err)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
