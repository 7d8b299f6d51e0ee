import { type Area, INDEX, POLICY } from './area.ts';

/** Load balancers, switches, and the nodes that enforce policy on them. */
export const devices: Area = {
  ...INDEX,
  rows: [
    ['/orgs/{org_id}/discovered_virtual_servers', 'GET'],
    ['/orgs/{org_id}/discovered_virtual_servers/{discovered_virtual_server_id}', 'GET'],
    ['/orgs/{org_id}/network_devices', 'GET'],
    ['/orgs/{org_id}/network_devices/multi_enforcement_instructions_applied', 'POST'],
    ['/orgs/{org_id}/network_devices/multi_enforcement_instructions_request', 'POST'],
    ['/orgs/{org_id}/network_devices/{network_device_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/network_devices/{network_device_id}/enforcement_instructions_applied', 'POST'],
    ['/orgs/{org_id}/network_devices/{network_device_id}/enforcement_instructions_request', 'POST'],
    ['/orgs/{org_id}/network_devices/{network_device_id}/network_endpoints', 'GET POST'],
    ['/orgs/{org_id}/network_devices/{network_device_id}/network_endpoints/{network_endpoint_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/network_enforcement_nodes', 'GET'],
    ['/orgs/{org_id}/network_enforcement_nodes/virtual_server_discovery_jobs/{job_id}', 'GET'],
    ['/orgs/{org_id}/network_enforcement_nodes/{network_enforcement_node_id}', 'GET PUT'],
    ['/orgs/{org_id}/network_enforcement_nodes/{network_enforcement_node_id}/network_devices', 'POST'],
    ['/orgs/{org_id}/slbs', 'GET POST'],
    ['/orgs/{org_id}/slbs/{slb_id}', 'GET PUT DELETE'],
    [`${POLICY}/virtual_servers`, 'GET POST'],
    [`${POLICY}/virtual_servers/{virtual_server_id}`, 'GET PUT DELETE'],
  ],
};
