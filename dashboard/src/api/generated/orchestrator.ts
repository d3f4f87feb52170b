// Made by `npm run generate` out of openapi/; never edited by hand.

export interface paths {
    "/api/v1/agent-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Endpoints */
        get: operations["list_endpoints_api_v1_agent_endpoints_get"];
        put?: never;
        /** Create Endpoint */
        post: operations["create_endpoint_api_v1_agent_endpoints_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agent-endpoints/{endpoint_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Endpoint */
        get: operations["get_endpoint_api_v1_agent_endpoints__endpoint_id__get"];
        put?: never;
        post?: never;
        /** Delete Endpoint */
        delete: operations["delete_endpoint_api_v1_agent_endpoints__endpoint_id__delete"];
        options?: never;
        head?: never;
        /** Update Endpoint */
        patch: operations["update_endpoint_api_v1_agent_endpoints__endpoint_id__patch"];
        trace?: never;
    };
    "/api/v1/agent-endpoints/{endpoint_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Probe Endpoint
         * @description Ask who is there; gives it no work.
         */
        post: operations["probe_endpoint_api_v1_agent_endpoints__endpoint_id__test_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Agents */
        get: operations["list_agents_api_v1_agents_get"];
        put?: never;
        /** Create Agent */
        post: operations["create_agent_api_v1_agents_post"];
        /** Delete Agents */
        delete: operations["delete_agents_api_v1_agents_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Agent */
        get: operations["get_agent_api_v1_agents__agent_id__get"];
        put?: never;
        post?: never;
        /** Delete Agent */
        delete: operations["delete_agent_api_v1_agents__agent_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Update Config */
        patch: operations["update_config_api_v1_agents__agent_id__config_patch"];
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Entries */
        get: operations["list_entries_api_v1_audit_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chat/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Sessions */
        get: operations["list_sessions_api_v1_chat_sessions_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chat/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Session */
        get: operations["get_session_api_v1_chat_sessions__session_id__get"];
        put?: never;
        post?: never;
        /** Delete Session */
        delete: operations["delete_session_api_v1_chat_sessions__session_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chat/sessions/{session_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Session Events
         * @description Every turn's events, from the start or from the last one that the reader has; ends when no
         *     turn runs or waits.
         */
        get: operations["session_events_api_v1_chat_sessions__session_id__events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chat/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Chat */
        post: operations["chat_api_v1_chat_stream_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Config */
        get: operations["list_config_api_v1_config_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/config/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change Config */
        patch: operations["change_config_api_v1_config__key__patch"];
        trace?: never;
    };
    "/api/v1/hooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver
         * @description Any body up to 1 MiB, signed as CreateWebhookRequest says; no other credential is needed.
         *
         *     X-Nova-Delivery (or X-GitHub-Delivery) names the delivery: the same name, or the same signature,
         *     is the same task.
         */
        post: operations["deliver_api_v1_hooks__webhook_id__post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/identity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Identity */
        get: operations["get_identity_api_v1_identity_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Keys */
        get: operations["list_keys_api_v1_keys_get"];
        put?: never;
        /** Create Key */
        post: operations["create_key_api_v1_keys_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke Key */
        delete: operations["revoke_key_api_v1_keys__key_id__delete"];
        options?: never;
        head?: never;
        /** Change Limits */
        patch: operations["change_limits_api_v1_keys__key_id__patch"];
        trace?: never;
    };
    "/api/v1/keys/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Validate Key */
        get: operations["validate_key_api_v1_keys_validate_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/dead-letter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Dead Letters */
        get: operations["dead_letters_api_v1_pipeline_dead_letter_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/dead-letter/{task_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retry Dead Letter */
        post: operations["retry_dead_letter_api_v1_pipeline_dead_letter__task_id__retry_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/queue-stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Queue Stats */
        get: operations["queue_stats_api_v1_pipeline_queue_stats_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Tasks */
        get: operations["list_tasks_api_v1_pipeline_tasks_get"];
        put?: never;
        /** Submit */
        post: operations["submit_api_v1_pipeline_tasks_post"];
        /** Delete Tasks */
        delete: operations["delete_tasks_api_v1_pipeline_tasks_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Task */
        get: operations["get_task_api_v1_pipeline_tasks__task_id__get"];
        put?: never;
        post?: never;
        /** Delete Task */
        delete: operations["delete_task_api_v1_pipeline_tasks__task_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Artifacts */
        get: operations["artifacts_api_v1_pipeline_tasks__task_id__artifacts_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/artifacts/{artifact_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Artifact */
        get: operations["artifact_api_v1_pipeline_tasks__task_id__artifacts__artifact_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel */
        post: operations["cancel_api_v1_pipeline_tasks__task_id__cancel_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/clarify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Clarify */
        post: operations["clarify_api_v1_pipeline_tasks__task_id__clarify_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events */
        get: operations["events_api_v1_pipeline_tasks__task_id__events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Findings */
        get: operations["findings_api_v1_pipeline_tasks__task_id__findings_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/fork": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fork Task */
        post: operations["fork_task_api_v1_pipeline_tasks__task_id__fork_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replay */
        post: operations["replay_api_v1_pipeline_tasks__task_id__replay_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Review */
        post: operations["review_api_v1_pipeline_tasks__task_id__review_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reviews */
        get: operations["reviews_api_v1_pipeline_tasks__task_id__reviews_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/stages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stages */
        get: operations["stages_api_v1_pipeline_tasks__task_id__stages_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Steps */
        get: operations["steps_api_v1_pipeline_tasks__task_id__steps_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Pods */
        get: operations["list_pods_api_v1_pods_get"];
        put?: never;
        /** Create Pod */
        post: operations["create_pod_api_v1_pods_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pods/{pod_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Pod */
        get: operations["get_pod_api_v1_pods__pod_id__get"];
        put?: never;
        post?: never;
        /** Delete Pod */
        delete: operations["delete_pod_api_v1_pods__pod_id__delete"];
        options?: never;
        head?: never;
        /** Update Pod */
        patch: operations["update_pod_api_v1_pods__pod_id__patch"];
        trace?: never;
    };
    "/api/v1/pods/{pod_id}/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Agents */
        get: operations["list_agents_api_v1_pods__pod_id__agents_get"];
        put?: never;
        /** Create Agent */
        post: operations["create_agent_api_v1_pods__pod_id__agents_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pods/{pod_id}/agents/{agent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete Agent */
        delete: operations["delete_agent_api_v1_pods__pod_id__agents__agent_id__delete"];
        options?: never;
        head?: never;
        /** Update Agent */
        patch: operations["update_agent_api_v1_pods__pod_id__agents__agent_id__patch"];
        trace?: never;
    };
    "/api/v1/pods/{pod_id}/agents/reorder": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reorder Agents */
        post: operations["reorder_agents_api_v1_pods__pod_id__agents_reorder_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Rules */
        get: operations["list_rules_api_v1_rules_get"];
        put?: never;
        /** Create Rule */
        post: operations["create_rule_api_v1_rules_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{rule_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Rule */
        get: operations["get_rule_api_v1_rules__rule_id__get"];
        put?: never;
        post?: never;
        /** Delete Rule */
        delete: operations["delete_rule_api_v1_rules__rule_id__delete"];
        options?: never;
        head?: never;
        /** Update Rule */
        patch: operations["update_rule_api_v1_rules__rule_id__patch"];
        trace?: never;
    };
    "/api/v1/rules/{rule_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Test Rule */
        post: operations["test_rule_api_v1_rules__rule_id__test_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Schedules */
        get: operations["list_schedules_api_v1_schedules_get"];
        put?: never;
        /** Create Schedule */
        post: operations["create_schedule_api_v1_schedules_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Schedule */
        get: operations["get_schedule_api_v1_schedules__schedule_id__get"];
        put?: never;
        post?: never;
        /** Delete Schedule */
        delete: operations["delete_schedule_api_v1_schedules__schedule_id__delete"];
        options?: never;
        head?: never;
        /** Update Schedule */
        patch: operations["update_schedule_api_v1_schedules__schedule_id__patch"];
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run Now */
        post: operations["run_now_api_v1_schedules__schedule_id__run_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Runs */
        get: operations["list_runs_api_v1_schedules__schedule_id__runs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Session */
        get: operations["get_session_api_v1_session_get"];
        put?: never;
        /** Log In */
        post: operations["log_in_api_v1_session_post"];
        /** Log Out */
        delete: operations["log_out_api_v1_session_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/skills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Skills */
        get: operations["list_skills_api_v1_skills_get"];
        put?: never;
        /** Create Skill */
        post: operations["create_skill_api_v1_skills_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/skills/{skill_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Skill */
        get: operations["get_skill_api_v1_skills__skill_id__get"];
        put?: never;
        post?: never;
        /** Delete Skill */
        delete: operations["delete_skill_api_v1_skills__skill_id__delete"];
        options?: never;
        head?: never;
        /** Update Skill */
        patch: operations["update_skill_api_v1_skills__skill_id__patch"];
        trace?: never;
    };
    "/api/v1/skills/{skill_id}/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set Agents */
        put: operations["set_agents_api_v1_skills__skill_id__agents_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/skills/{skill_id}/pods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set Pods */
        put: operations["set_pods_api_v1_skills__skill_id__pods_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Submit Task */
        post: operations["submit_task_api_v1_tasks_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Task */
        get: operations["get_task_api_v1_tasks__task_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel */
        post: operations["cancel_api_v1_tasks__task_id__cancel_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events */
        get: operations["events_api_v1_tasks__task_id__events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Steps */
        get: operations["steps_api_v1_tasks__task_id__steps_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Submit And Stream */
        post: operations["submit_and_stream_api_v1_tasks_stream_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tools
         * @description The tools, each with what a worker's own test of its sandbox has shown.
         */
        get: operations["list_tools_api_v1_tools_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Usage */
        get: operations["list_usage_api_v1_usage_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Summarise */
        get: operations["summarise_api_v1_usage_summary_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Webhooks */
        get: operations["list_webhooks_api_v1_webhooks_get"];
        put?: never;
        /** Create Webhook */
        post: operations["create_webhook_api_v1_webhooks_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Webhook */
        get: operations["get_webhook_api_v1_webhooks__webhook_id__get"];
        put?: never;
        post?: never;
        /** Delete Webhook */
        delete: operations["delete_webhook_api_v1_webhooks__webhook_id__delete"];
        options?: never;
        head?: never;
        /** Update Webhook */
        patch: operations["update_webhook_api_v1_webhooks__webhook_id__patch"];
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Deliveries */
        get: operations["list_deliveries_api_v1_webhooks__webhook_id__deliveries_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Rotate Secret */
        post: operations["rotate_secret_api_v1_webhooks__webhook_id__rotate_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live */
        get: operations["live_health_live_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready */
        get: operations["ready_health_ready_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/startup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready */
        get: operations["ready_health_startup_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** AgentConfig */
        AgentConfig: {
            /**
             * Fallback Models
             * @default []
             */
            fallback_models?: string[];
            /**
             * Max Context Tokens
             * @default 32768
             */
            max_context_tokens?: number;
            /**
             * Memory Tiers
             * @default [
             *       "episodic",
             *       "semantic"
             *     ]
             */
            memory_tiers?: components["schemas"]["Tier"][];
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * Model
             * @default auto
             */
            model?: string;
            /**
             * Name
             * @default Agent
             */
            name?: string;
            /**
             * System Prompt
             * @default
             */
            system_prompt?: string;
            /** Tools */
            tools?: string[] | null;
        };
        /** AgentConfigPatch */
        AgentConfigPatch: {
            /** Fallback Models */
            fallback_models?: string[] | null;
            /** Max Context Tokens */
            max_context_tokens?: number | null;
            /** Memory Tiers */
            memory_tiers?: components["schemas"]["Tier"][] | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** Model */
            model?: string | null;
            /** Name */
            name?: string | null;
            /** System Prompt */
            system_prompt?: string | null;
            /** Tools */
            tools?: string[] | null;
        };
        /** AgentEndpoint */
        AgentEndpoint: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Description */
            description: string;
            /** Enabled */
            enabled: boolean;
            /** Has Auth Token */
            has_auth_token: boolean;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Input Schema */
            input_schema: {
                [key: string]: unknown;
            } | null;
            /** Name */
            name: string;
            /** Output Schema */
            output_schema: {
                [key: string]: unknown;
            } | null;
            protocol: components["schemas"]["EndpointProtocol"];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Url */
            url: string;
        };
        /**
         * AgentEndpointPatch
         * @description What is left out stays; null takes the token or a schema away.
         */
        AgentEndpointPatch: {
            /** Auth Token */
            auth_token?: string | null;
            /** Description */
            description?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Input Schema */
            input_schema?: {
                [key: string]: unknown;
            } | null;
            /** Name */
            name?: string | null;
            /** Output Schema */
            output_schema?: {
                [key: string]: unknown;
            } | null;
            protocol?: components["schemas"]["EndpointProtocol"] | null;
            /** Url */
            url?: string | null;
        };
        /**
         * AgentIds
         * @description Agents of pods, and agents of their own.
         */
        AgentIds: {
            /** Agent Ids */
            agent_ids: string[];
        };
        /** AgentInfo */
        AgentInfo: {
            config: components["schemas"]["AgentConfig"];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Is Primary
             * @default false
             */
            is_primary?: boolean;
            /** Last Active */
            last_active: string | null;
            status: components["schemas"]["AgentStatus"];
        };
        /**
         * AgentStatus
         * @enum {string}
         */
        AgentStatus: "idle" | "running" | "paused" | "stopped" | "error";
        /** ApiKey */
        ApiKey: {
            /** Allowed Models */
            allowed_models: string[] | null;
            /** Budget Usd */
            budget_usd: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Key Prefix */
            key_prefix: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Max Concurrent Tasks */
            max_concurrent_tasks: number | null;
            /** Name */
            name: string;
            /** Rate Limit Rpm */
            rate_limit_rpm: number;
            /** Rate Limit Tpm */
            rate_limit_tpm: number | null;
            /** Scopes */
            scopes: string[];
        };
        /** Artifact */
        Artifact: {
            /** Content */
            content: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Sha256 */
            sha256: string;
            /** Stage */
            stage: string;
        };
        /** AuditEntry */
        AuditEntry: {
            /** Action */
            action: string;
            /** Actor */
            actor: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Request Id */
            request_id: string | null;
            /** Subject Id */
            subject_id: string | null;
            /** Subject Kind */
            subject_kind: string | null;
        };
        /**
         * BudgetShortage
         * @description The facts of `budget_exceeded`: what the first budget that is too small has left.
         *
         *     `needed_usd` is the most that the call may cost; `resets_at` is set for a daily budget.
         */
        BudgetShortage: {
            /** Id */
            id: string;
            /** Limit Usd */
            limit_usd: number;
            /** Needed Usd */
            needed_usd: number;
            /** Reserved Usd */
            reserved_usd: number;
            /** Resets At */
            resets_at?: string | null;
            /**
             * Scope
             * @enum {string}
             */
            scope: "task" | "pod" | "key" | "day";
            /** Spent Usd */
            spent_usd: number;
        };
        /** BulkDeleted */
        BulkDeleted: {
            /** Deleted */
            deleted: number;
            /** Statuses */
            statuses: string[];
        };
        /** CancelAnswer */
        CancelAnswer: {
            /** Status */
            status: string;
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
        };
        /**
         * ChatMessage
         * @description A stored message; `last_event_id` is where its turn's events end.
         */
        ChatMessage: {
            /** Content */
            content: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Last Event Id */
            last_event_id?: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "user" | "assistant";
            /** Task Id */
            task_id?: string | null;
            /**
             * Tool Calls
             * @default []
             */
            tool_calls?: {
                [key: string]: unknown;
            }[];
        };
        /**
         * ChatRequest
         * @description `new_session_id` is opened if there is no such session yet; `session_id` must be known.
         */
        ChatRequest: {
            /** Messages */
            messages: components["schemas"]["Message"][];
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Model */
            model?: string | null;
            /** New Session Id */
            new_session_id?: string | null;
            /** Session Id */
            session_id?: string | null;
        };
        /** ChatSession */
        ChatSession: {
            /** Agent Id */
            agent_id: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Last Active
             * Format: date-time
             */
            last_active: string;
            /**
             * Message Count
             * @default 0
             */
            message_count?: number;
            /** Title */
            title: string;
        };
        /**
         * ChatSessionDetail
         * @description A session with its messages, oldest first, and the turn that runs now, if any.
         */
        ChatSessionDetail: {
            /** Agent Id */
            agent_id: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Last Active
             * Format: date-time
             */
            last_active: string;
            /**
             * Last Event Id
             * @default 0
             */
            last_event_id?: number;
            /**
             * Message Count
             * @default 0
             */
            message_count?: number;
            /** Messages */
            messages: components["schemas"]["ChatMessage"][];
            /** Running Task Id */
            running_task_id?: string | null;
            /** Title */
            title: string;
        };
        /** ClarifyRequest */
        ClarifyRequest: {
            /** Answers */
            answers: string[];
        };
        /** CodeReview */
        CodeReview: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Issues */
            issues: unknown[];
            /** Round */
            round: number;
            /** Summary */
            summary: string;
            /** Verdict */
            verdict: string;
        };
        /** ConfigEntry */
        ConfigEntry: {
            /** Description */
            description: string;
            /** Is Secret */
            is_secret: boolean;
            /** Key */
            key: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Value */
            value: unknown;
        };
        /**
         * ConfigPatch
         * @description `value` is JSON text.
         */
        ConfigPatch: {
            /** Description */
            description?: string | null;
            /** Value */
            value: string;
        };
        /**
         * CreateAgentEndpoint
         * @description `auth_token` is sent as a bearer token; it can be replaced, and never read back.
         */
        CreateAgentEndpoint: {
            /** Auth Token */
            auth_token?: string | null;
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /** Input Schema */
            input_schema?: {
                [key: string]: unknown;
            } | null;
            /** Name */
            name: string;
            /** Output Schema */
            output_schema?: {
                [key: string]: unknown;
            } | null;
            /** @default a2a */
            protocol?: components["schemas"]["EndpointProtocol"];
            /** Url */
            url: string;
        };
        /** CreateAgentRequest */
        CreateAgentRequest: {
            config: components["schemas"]["AgentConfig"];
        };
        /**
         * CreatedKey
         * @description The raw key stands here once, under both names, and nowhere else ever.
         */
        CreatedKey: {
            /** Allowed Models */
            allowed_models: string[] | null;
            /** Budget Usd */
            budget_usd: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Key */
            key: string;
            /** Key Prefix */
            key_prefix: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Max Concurrent Tasks */
            max_concurrent_tasks: number | null;
            /** Name */
            name: string;
            /** Rate Limit Rpm */
            rate_limit_rpm: number;
            /** Rate Limit Tpm */
            rate_limit_tpm: number | null;
            /** Raw Key */
            raw_key: string;
            /** Scopes */
            scopes: string[];
        };
        /**
         * CreatedWebhook
         * @description The secret stands here once and can't be read again, only replaced.
         */
        CreatedWebhook: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Enabled */
            enabled: boolean;
            /** Goal Id */
            goal_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Last Delivery At */
            last_delivery_at: string | null;
            /** Last Error */
            last_error: string | null;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Name */
            name: string;
            /** Path */
            path: string;
            /** Pod Name */
            pod_name: string | null;
            /**
             * Scheme
             * @enum {string}
             */
            scheme: "nova" | "github";
            /** Secret */
            secret: string;
            /**
             * Secret Set At
             * Format: date-time
             */
            secret_set_at: string;
            /** Template */
            template: string;
        };
        /**
         * CreateKeyRequest
         * @description `allowed_models`: null allows every model, an empty list none.
         */
        CreateKeyRequest: {
            /** Allowed Models */
            allowed_models?: string[] | null;
            /** Budget Usd */
            budget_usd?: number | null;
            /** Expires At */
            expires_at?: string | null;
            /** Max Concurrent Tasks */
            max_concurrent_tasks?: number | null;
            /** Name */
            name: string;
            /**
             * Rate Limit Rpm
             * @default 60
             */
            rate_limit_rpm?: number;
            /** Rate Limit Tpm */
            rate_limit_tpm?: number | null;
            /** Scopes */
            scopes?: string[] | null;
        };
        /**
         * CreatePodAgentRequest
         * @description Only `name` is required; a missing role is `task`, a missing position the last.
         */
        CreatePodAgentRequest: {
            /** Allowed Tools */
            allowed_tools?: string[] | null;
            /** Artifact Type */
            artifact_type?: string | null;
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /**
             * Fallback Models
             * @default []
             */
            fallback_models?: string[];
            /**
             * Max Retries
             * @default 1
             */
            max_retries?: number;
            /**
             * Max Tokens
             * @default 4096
             */
            max_tokens?: number;
            /** Model */
            model?: string | null;
            /** Name */
            name: string;
            /**
             * On Failure
             * @default abort
             * @enum {string}
             */
            on_failure?: "skip" | "abort" | "escalate";
            /** Output Schema */
            output_schema?: {
                [key: string]: unknown;
            } | null;
            /** Parallel Group */
            parallel_group?: string | null;
            /** Position */
            position?: number | null;
            /**
             * Role
             * @default task
             */
            role?: string;
            /**
             * Run Condition
             * @default {
             *       "type": "always"
             *     }
             */
            run_condition?: {
                [key: string]: unknown;
            };
            /** System Prompt */
            system_prompt?: string | null;
            /** Task Description */
            task_description?: string | null;
            /**
             * Temperature
             * @default 0.5
             */
            temperature?: number;
            /**
             * Timeout Seconds
             * @default 60
             */
            timeout_seconds?: number;
        };
        /** CreatePodRequest */
        CreatePodRequest: {
            /** Daily Budget Usd */
            daily_budget_usd?: number | null;
            /**
             * Default Model
             * @default auto
             */
            default_model?: string;
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /**
             * Escalation Threshold
             * @default high
             * @enum {string}
             */
            escalation_threshold?: "low" | "medium" | "high" | "critical";
            /** Fallback Pod Id */
            fallback_pod_id?: string | null;
            /** Max Concurrent Tasks */
            max_concurrent_tasks?: number | null;
            /** Max Cost Usd */
            max_cost_usd?: number | null;
            /**
             * Max Execution Seconds
             * @default 300
             */
            max_execution_seconds?: number;
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Name */
            name: string;
            /**
             * Priority
             * @default 0
             */
            priority?: number;
            /**
             * Require Human Review
             * @default on_escalation
             * @enum {string}
             */
            require_human_review?: "always" | "never" | "on_escalation";
            /**
             * Routing Keywords
             * @default []
             */
            routing_keywords?: string[];
            /** Routing Regex */
            routing_regex?: string | null;
            /**
             * Sandbox
             * @default workspace
             * @enum {string}
             */
            sandbox?: "isolated" | "nova" | "workspace" | "host";
        };
        /**
         * CreateRuleRequest
         * @description A rule that is enforced hard needs a pattern, or target_tools of which it matches each call.
         *
         *     Without a name it is called `rule-` and a part of its id.
         */
        CreateRuleRequest: {
            /**
             * Action
             * @default block
             * @enum {string}
             */
            action?: "block" | "warn" | "require_approval";
            /**
             * Agent Ids
             * @default []
             */
            agent_ids?: string[];
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /**
             * Enforcement
             * @default hard
             * @enum {string}
             */
            enforcement?: "soft" | "hard" | "both";
            /** Name */
            name?: string | null;
            /** Pattern */
            pattern?: string | null;
            /**
             * Pod Ids
             * @default []
             */
            pod_ids?: string[];
            /** Rule Text */
            rule_text: string;
            /**
             * Scope
             * @default global
             * @enum {string}
             */
            scope?: "global" | "pod" | "agent";
            /**
             * Severity
             * @default medium
             * @enum {string}
             */
            severity?: "low" | "medium" | "high" | "critical";
            /**
             * Target Tools
             * @default []
             */
            target_tools?: string[];
        };
        /**
         * CreateScheduleRequest
         * @description Either `cron` (five fields or @hourly, @daily, …) or `at`; without a zone, `at` is in `timezone`.
         *
         *     `misfire` says what becomes of slots that passed while Nova was off: `skip` none of them runs,
         *     `once` the latest does, `all` the latest hundred do. `overlap` says whether a slot starts a task
         *     while the task of an earlier one has not ended.
         */
        CreateScheduleRequest: {
            /** At */
            at?: string | null;
            /** Cron */
            cron?: string | null;
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /** Goal Id */
            goal_id?: string | null;
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * Misfire
             * @default once
             * @enum {string}
             */
            misfire?: "skip" | "once" | "all";
            /** Name */
            name: string;
            /**
             * Overlap
             * @default start
             * @enum {string}
             */
            overlap?: "start" | "skip";
            /** Pod Name */
            pod_name?: string | null;
            /**
             * Timezone
             * @default UTC
             */
            timezone?: string;
            /** User Input */
            user_input: string;
        };
        /** CreateSkillRequest */
        CreateSkillRequest: {
            /**
             * Category
             * @default
             */
            category?: string;
            /** Content */
            content: string;
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /** Name */
            name: string;
            /**
             * Parameters
             * @default []
             */
            parameters?: components["schemas"]["SkillParameter"][];
            /**
             * Priority
             * @default 0
             */
            priority?: number;
            /**
             * Scope
             * @default global
             * @enum {string}
             */
            scope?: "global" | "pod" | "agent";
        };
        /**
         * CreateWebhookRequest
         * @description `template` becomes the task's input: {{payload}} in it is what was delivered,
         *     {{payload.issue.title}} or {{payload.commits.0.id}} a part of it; a part that is not there is
         *     empty.
         *
         *     Scheme `nova`: header X-Nova-Signature `t=<unix seconds>,v1=<hex of HMAC-SHA256 over
         *     "<t>.<body>">`. Scheme `github`: X-Hub-Signature-256, as GitHub, Gitea and Forgejo send it.
         */
        CreateWebhookRequest: {
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /** Goal Id */
            goal_id?: string | null;
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Name */
            name: string;
            /** Pod Name */
            pod_name?: string | null;
            /**
             * Scheme
             * @default nova
             * @enum {string}
             */
            scheme?: "nova" | "github";
            /** Template */
            template: string;
        };
        /** DeadLetter */
        DeadLetter: {
            /**
             * Dead Lettered At
             * Format: date-time
             */
            dead_lettered_at: string;
            /** Error */
            error: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Max Retries */
            max_retries: number;
            /** Pod Name */
            pod_name: string | null;
            /** Retry Count */
            retry_count: number;
            /** User Input */
            user_input: string;
        };
        /** DeletedCount */
        DeletedCount: {
            /** Deleted */
            deleted: number;
        };
        /**
         * EndpointProtocol
         * @enum {string}
         */
        EndpointProtocol: "a2a" | "acp" | "generic";
        /**
         * EndpointTest
         * @description Whether somebody answers there as the protocol asks; `detail` says who, or what is wrong.
         */
        EndpointTest: {
            /** Detail */
            detail: string;
            /** Duration Ms */
            duration_ms: number;
            /** Ok */
            ok: boolean;
        };
        /** Finding */
        Finding: {
            /** Category */
            category: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Evidence */
            evidence: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Scanner */
            scanner: string;
            /** Severity */
            severity: string;
            /** Stage */
            stage: string;
            /** Title */
            title: string;
        };
        /**
         * ForkChanges
         * @description What is otherwise than in the task forked off; all but the first and the last of these are
         *     about one stage: that of the step, or `stage`.
         */
        ForkChanges: {
            /** Answer */
            answer?: string | components["schemas"]["ToolAnswer"] | null;
            /** Max Tokens */
            max_tokens?: number | null;
            /** Model */
            model?: string | null;
            /** Stage */
            stage?: string | null;
            /** System Prompt */
            system_prompt?: string | null;
            /** Task Description */
            task_description?: string | null;
            /** Temperature */
            temperature?: number | null;
            /** User Input */
            user_input?: string | null;
        };
        /** Forked */
        Forked: {
            /**
             * Forked From
             * Format: uuid
             */
            forked_from: string;
            /** Forked Step */
            forked_step: number;
            /** Pod Name */
            pod_name: string;
            /**
             * Queued At
             * Format: date-time
             */
            queued_at: string;
            /** Status */
            status: string;
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
        };
        /** ForkRequest */
        ForkRequest: {
            /** @default {} */
            changes?: components["schemas"]["ForkChanges"];
            /** From Step */
            from_step: number;
        };
        /**
         * HookAnswer
         * @description `task_id` is null for a ping, which starts nothing. `duplicate`: it had been delivered before.
         */
        HookAnswer: {
            /**
             * Duplicate
             * @default false
             */
            duplicate?: boolean;
            /** Task Id */
            task_id: string | null;
        };
        /** HTTPValidationError */
        HTTPValidationError: {
            /** Detail */
            detail?: components["schemas"]["ValidationError"][];
        };
        /** Identity */
        Identity: {
            /** Greeting */
            greeting: string;
            /** Name */
            name: string;
        };
        /**
         * KeyPatch
         * @description Limits of a key; null takes a limit away. It takes effect within two seconds.
         */
        KeyPatch: {
            /** Allowed Models */
            allowed_models?: string[] | null;
            /** Budget Usd */
            budget_usd?: number | null;
            /** Max Concurrent Tasks */
            max_concurrent_tasks?: number | null;
            /** Rate Limit Rpm */
            rate_limit_rpm?: number | null;
            /** Rate Limit Tpm */
            rate_limit_tpm?: number | null;
        };
        /** KeyValidation */
        KeyValidation: {
            /** Id */
            id: string | null;
            /** Name */
            name: string;
            /**
             * Valid
             * @default true
             * @constant
             */
            valid?: true;
        };
        /** Liveness */
        Liveness: {
            /**
             * Status
             * @default alive
             * @constant
             */
            status?: "alive";
        };
        /**
         * Message
         * @description One message of a conversation; content parts pass through as they came.
         */
        Message: {
            /** Content */
            content?: string | {
                [key: string]: unknown;
            }[] | null;
            /** Name */
            name?: string | null;
            /**
             * Role
             * @enum {string}
             */
            role: "system" | "user" | "assistant" | "tool";
            /** Tool Call Id */
            tool_call_id?: string | null;
            /**
             * Tool Calls
             * @default []
             */
            tool_calls?: components["schemas"]["ToolCall"][];
        };
        /**
         * Pending
         * @description For what a task waits, and what a person may answer.
         *
         *     `budget` says which budget is too small; at `resumes_at` the task goes on without an answer.
         */
        Pending: {
            budget?: components["schemas"]["BudgetShortage"] | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "decision" | "tool" | "budget" | "unknown_outcome" | "restored" | "clarification";
            /**
             * Options
             * @default []
             */
            options?: string[];
            /** Prompt */
            prompt: string;
            /** Resumes At */
            resumes_at?: string | null;
        };
        /**
         * PipelineSubmitRequest
         * @description Among waiting tasks the one with the highest `priority` starts first, then the oldest.
         *
         *     `metadata.max_cost_usd` sets the task a lower budget than its pod's.
         */
        PipelineSubmitRequest: {
            /** Goal Id */
            goal_id?: string | null;
            /** Idempotency Key */
            idempotency_key?: string | null;
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Pod Name */
            pod_name?: string | null;
            /**
             * Priority
             * @default 0
             */
            priority?: number;
            /** User Input */
            user_input: string;
        };
        /** PipelineSubmitted */
        PipelineSubmitted: {
            /** Pod Name */
            pod_name: string;
            /**
             * Queued At
             * Format: date-time
             */
            queued_at: string;
            /** Status */
            status: string;
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
        };
        /**
         * PipelineTask
         * @description `budget_usd` is set once a person has given the task a budget of its own.
         */
        PipelineTask: {
            /** Budget Usd */
            budget_usd?: number | null;
            /** Completed At */
            completed_at: string | null;
            /** Current Stage */
            current_stage: string | null;
            /** Error */
            error: string | null;
            /** Forked From */
            forked_from?: string | null;
            /** Forked Step */
            forked_step?: number | null;
            /** Goal Id */
            goal_id?: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Max Retries */
            max_retries: number;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Output */
            output: string | null;
            pending?: components["schemas"]["Pending"] | null;
            /** Pod Id */
            pod_id: string | null;
            /** Pod Name */
            pod_name: string | null;
            /**
             * Priority
             * @default 0
             */
            priority?: number;
            /**
             * Queued At
             * Format: date-time
             */
            queued_at: string;
            /** Retry Count */
            retry_count: number;
            /** Started At */
            started_at: string | null;
            status: components["schemas"]["TaskStatus"];
            /** Total Cost Usd */
            total_cost_usd: number;
            /** Total Input Tokens */
            total_input_tokens: number;
            /** Total Output Tokens */
            total_output_tokens: number;
            /** User Input */
            user_input: string;
        };
        /** PipelineTaskDetail */
        PipelineTaskDetail: {
            /** Artifacts Count */
            artifacts_count: number;
            /** Budget Usd */
            budget_usd?: number | null;
            /** Completed At */
            completed_at: string | null;
            /** Current Stage */
            current_stage: string | null;
            /** Error */
            error: string | null;
            /** Findings Count */
            findings_count: number;
            /** Forked From */
            forked_from?: string | null;
            /** Forked Step */
            forked_step?: number | null;
            /** Goal Id */
            goal_id?: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Max Retries */
            max_retries: number;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Output */
            output: string | null;
            pending?: components["schemas"]["Pending"] | null;
            /** Pod Id */
            pod_id: string | null;
            /** Pod Name */
            pod_name: string | null;
            /**
             * Priority
             * @default 0
             */
            priority?: number;
            /**
             * Queued At
             * Format: date-time
             */
            queued_at: string;
            /** Retry Count */
            retry_count: number;
            /** Reviews Count */
            reviews_count: number;
            /** Started At */
            started_at: string | null;
            status: components["schemas"]["TaskStatus"];
            /** Total Cost Usd */
            total_cost_usd: number;
            /** Total Input Tokens */
            total_input_tokens: number;
            /** Total Output Tokens */
            total_output_tokens: number;
            /** User Input */
            user_input: string;
            /**
             * Waiting For
             * @default []
             */
            waiting_for?: components["schemas"]["WaitingFor"][];
        };
        /**
         * Pod
         * @description `max_cost_usd` is for each task; `daily_budget_usd` for all tasks of the pod in a day (UTC).
         *     Of limits, None sets none.
         */
        Pod: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Daily Budget Usd */
            daily_budget_usd: number | null;
            /** Default Model */
            default_model: string;
            /** Description */
            description: string;
            /** Enabled */
            enabled: boolean;
            /**
             * Escalation Threshold
             * @enum {string}
             */
            escalation_threshold: "low" | "medium" | "high" | "critical";
            /** Fallback Pod Id */
            fallback_pod_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Is System Default */
            is_system_default: boolean;
            /** Max Concurrent Tasks */
            max_concurrent_tasks: number | null;
            /** Max Cost Usd */
            max_cost_usd: number | null;
            /** Max Execution Seconds */
            max_execution_seconds: number;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Name */
            name: string;
            /** Priority */
            priority: number;
            /**
             * Require Human Review
             * @enum {string}
             */
            require_human_review: "always" | "never" | "on_escalation";
            /** Routing Keywords */
            routing_keywords: string[];
            /** Routing Regex */
            routing_regex: string | null;
            /**
             * Sandbox
             * @enum {string}
             */
            sandbox: "isolated" | "nova" | "workspace" | "host";
        };
        /**
         * PodAgent
         * @description `allowed_tools`: None is all, an empty list none.
         */
        PodAgent: {
            /** Allowed Tools */
            allowed_tools: string[] | null;
            /** Artifact Type */
            artifact_type: string | null;
            /** Description */
            description: string;
            /** Enabled */
            enabled: boolean;
            /** Fallback Models */
            fallback_models: string[];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Max Retries */
            max_retries: number;
            /** Max Tokens */
            max_tokens: number;
            /** Model */
            model: string | null;
            /** Name */
            name: string;
            /**
             * On Failure
             * @enum {string}
             */
            on_failure: "skip" | "abort" | "escalate";
            /** Output Schema */
            output_schema: {
                [key: string]: unknown;
            } | null;
            /** Parallel Group */
            parallel_group: string | null;
            /**
             * Pod Id
             * Format: uuid
             */
            pod_id: string;
            /** Position */
            position: number;
            /** Role */
            role: string;
            /** Run Condition */
            run_condition: {
                [key: string]: unknown;
            };
            /** System Prompt */
            system_prompt: string | null;
            /** Task Description */
            task_description: string | null;
            /** Temperature */
            temperature: number;
            /** Timeout Seconds */
            timeout_seconds: number;
        };
        /** PodAgentPatch */
        PodAgentPatch: {
            /** Allowed Tools */
            allowed_tools?: string[] | null;
            /** Artifact Type */
            artifact_type?: string | null;
            /** Description */
            description?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Fallback Models */
            fallback_models?: string[] | null;
            /** Max Retries */
            max_retries?: number | null;
            /** Max Tokens */
            max_tokens?: number | null;
            /** Model */
            model?: string | null;
            /** Name */
            name?: string | null;
            /** On Failure */
            on_failure?: ("skip" | "abort" | "escalate") | null;
            /** Output Schema */
            output_schema?: {
                [key: string]: unknown;
            } | null;
            /** Parallel Group */
            parallel_group?: string | null;
            /** Position */
            position?: number | null;
            /** Role */
            role?: string | null;
            /** Run Condition */
            run_condition?: {
                [key: string]: unknown;
            } | null;
            /** System Prompt */
            system_prompt?: string | null;
            /** Task Description */
            task_description?: string | null;
            /** Temperature */
            temperature?: number | null;
            /** Timeout Seconds */
            timeout_seconds?: number | null;
        };
        /** PodIds */
        PodIds: {
            /** Pod Ids */
            pod_ids: string[];
        };
        /** PodPatch */
        PodPatch: {
            /** Daily Budget Usd */
            daily_budget_usd?: number | null;
            /** Default Model */
            default_model?: string | null;
            /** Description */
            description?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Escalation Threshold */
            escalation_threshold?: ("low" | "medium" | "high" | "critical") | null;
            /** Fallback Pod Id */
            fallback_pod_id?: string | null;
            /** Max Concurrent Tasks */
            max_concurrent_tasks?: number | null;
            /** Max Cost Usd */
            max_cost_usd?: number | null;
            /** Max Execution Seconds */
            max_execution_seconds?: number | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** Name */
            name?: string | null;
            /** Priority */
            priority?: number | null;
            /** Require Human Review */
            require_human_review?: ("always" | "never" | "on_escalation") | null;
            /** Routing Keywords */
            routing_keywords?: string[] | null;
            /** Routing Regex */
            routing_regex?: string | null;
            /** Sandbox */
            sandbox?: ("isolated" | "nova" | "workspace" | "host") | null;
        };
        /** QueueStats */
        QueueStats: {
            /** Dead Letter Depth */
            dead_letter_depth: number;
            /** Queue Depth */
            queue_depth: number;
            /** Running */
            running: number;
            /** Waiting */
            waiting: number;
        };
        /**
         * Readiness
         * @description `checks` maps a dependency to "ok" or to the reason why it is not.
         */
        Readiness: {
            /**
             * Checks
             * @default {}
             */
            checks?: {
                [key: string]: string;
            };
            /**
             * Status
             * @enum {string}
             */
            status: "starting" | "ready" | "degraded";
        };
        /** ReorderRequest */
        ReorderRequest: {
            /** Ids */
            ids: string[];
        };
        /**
         * ReplayAnswer
         * @description `status` is what the replay came to; "interrupted" where the journal ends before the task.
         */
        ReplayAnswer: {
            /** Differences */
            differences: components["schemas"]["ReplayDifference"][];
            /** Error */
            error: string | null;
            /** Identical */
            identical: boolean;
            /** Output */
            output: string | null;
            /** Status */
            status: string;
            /** Steps Journalled */
            steps_journalled: number;
            /** Steps Replayed */
            steps_replayed: number;
        };
        /**
         * ReplayDifference
         * @description Where a replay is not what is stored; `kind` is the step's, stage or task.
         */
        ReplayDifference: {
            /** Actual Digest */
            actual_digest?: string | null;
            /** Expected Digest */
            expected_digest?: string | null;
            /** Kind */
            kind: string;
            /** Name */
            name: string | null;
            /** Stage */
            stage: string | null;
            /** Step */
            step: number | null;
            /** What */
            what: string;
        };
        /**
         * ReviewRequest
         * @description `decision` is checked by hand: anything but approve or reject is a 400.
         *
         *     `budget_usd` is what the task may cost from now on, whatever its pod says.
         */
        ReviewRequest: {
            /** Budget Usd */
            budget_usd?: number | null;
            /** Comment */
            comment?: string | null;
            /** Decision */
            decision: string;
            /** Pending Id */
            pending_id?: string | null;
        };
        /**
         * Rule
         * @description `target_tools`: names or globs such as `mcp__files__*`; none means every tool. `detector`
         *     names the built-in check of a shipped rule, which stands beside a pattern or instead of one.
         */
        Rule: {
            /**
             * Action
             * @enum {string}
             */
            action: "block" | "warn" | "require_approval";
            /** Agent Ids */
            agent_ids: string[];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Description */
            description: string;
            /** Detector */
            detector: string | null;
            /** Enabled */
            enabled: boolean;
            /**
             * Enforcement
             * @enum {string}
             */
            enforcement: "soft" | "hard" | "both";
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Is System */
            is_system: boolean;
            /** Name */
            name: string;
            /** Pattern */
            pattern: string | null;
            /** Pod Ids */
            pod_ids: string[];
            /** Rule Text */
            rule_text: string;
            /**
             * Scope
             * @enum {string}
             */
            scope: "global" | "pod" | "agent";
            /**
             * Severity
             * @enum {string}
             */
            severity: "low" | "medium" | "high" | "critical";
            /** Target Tools */
            target_tools: string[];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /** RulePatch */
        RulePatch: {
            /** Action */
            action?: ("block" | "warn" | "require_approval") | null;
            /** Agent Ids */
            agent_ids?: string[] | null;
            /** Description */
            description?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Enforcement */
            enforcement?: ("soft" | "hard" | "both") | null;
            /** Name */
            name?: string | null;
            /** Pattern */
            pattern?: string | null;
            /** Pod Ids */
            pod_ids?: string[] | null;
            /** Rule Text */
            rule_text?: string | null;
            /** Scope */
            scope?: ("global" | "pod" | "agent") | null;
            /** Severity */
            severity?: ("low" | "medium" | "high" | "critical") | null;
            /**
             * Target Tools
             * @default []
             */
            target_tools?: string[];
        };
        /**
         * RuleTestAnswer
         * @description `action` is what would become of the call; None if nothing would.
         */
        RuleTestAnswer: {
            /** Action */
            action: ("block" | "warn" | "require_approval") | null;
            /** Detail */
            detail: string;
            /** Matched Text */
            matched_text: string | null;
            /** Matches */
            matches: boolean;
        };
        /**
         * RuleTestRequest
         * @description A call to try the rule on, or a text alone.
         */
        RuleTestRequest: {
            /**
             * Arguments
             * @default {}
             */
            arguments?: {
                [key: string]: unknown;
            };
            /** Text */
            text?: string | null;
            /** Tool */
            tool?: string | null;
        };
        /**
         * Schedule
         * @description `next_run_at` is null when it will not fire any more: disabled, its one time over, or broken.
         */
        Schedule: {
            /** At */
            at: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Cron */
            cron: string | null;
            /** Enabled */
            enabled: boolean;
            /** Goal Id */
            goal_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Last Error */
            last_error: string | null;
            /** Last Run At */
            last_run_at: string | null;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /**
             * Misfire
             * @enum {string}
             */
            misfire: "skip" | "once" | "all";
            /** Name */
            name: string;
            /** Next Run At */
            next_run_at: string | null;
            /**
             * Overlap
             * @enum {string}
             */
            overlap: "start" | "skip";
            /** Pod Name */
            pod_name: string | null;
            /** Timezone */
            timezone: string;
            /** User Input */
            user_input: string;
        };
        /**
         * SchedulePatch
         * @description To turn a cron schedule into one at a time, set `cron` to null and `at` to the time.
         */
        SchedulePatch: {
            /** At */
            at?: string | null;
            /** Cron */
            cron?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Goal Id */
            goal_id?: string | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** Misfire */
            misfire?: ("skip" | "once" | "all") | null;
            /** Name */
            name?: string | null;
            /** Overlap */
            overlap?: ("start" | "skip") | null;
            /** Pod Name */
            pod_name?: string | null;
            /** Timezone */
            timezone?: string | null;
            /** User Input */
            user_input?: string | null;
        };
        /**
         * ScheduleRun
         * @description One slot, or one run by hand, and what became of it.
         *
         *     `missed`: Nova was off and the misfire policy passed it over. `overlapped`: the task of an
         *     earlier slot had not ended. `failed`: no task could be submitted, `error` says why.
         */
        ScheduleRun: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Error */
            error: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "slot" | "manual";
            /**
             * Slot
             * Format: date-time
             */
            slot: string;
            /**
             * Status
             * @enum {string}
             */
            status: "submitted" | "missed" | "overlapped" | "failed";
            /** Task Id */
            task_id: string | null;
            /** Task Status */
            task_status: string | null;
        };
        /** SessionInfo */
        SessionInfo: {
            /** Csrf Token */
            csrf_token: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Subject */
            subject: string;
        };
        /** SessionRequest */
        SessionRequest: {
            /** Admin Secret */
            admin_secret?: string | null;
            /** Login Token */
            login_token?: string | null;
        };
        /**
         * Skill
         * @description `pod_ids` count while the scope is pod, `agent_ids` (of pods' agents, or agents) while it is
         *     agent. Skills of a higher priority come first, then by name.
         */
        Skill: {
            /** Agent Ids */
            agent_ids: string[];
            /** Category */
            category: string;
            /** Content */
            content: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Description */
            description: string;
            /** Enabled */
            enabled: boolean;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Is System */
            is_system: boolean;
            /** Name */
            name: string;
            /** Parameters */
            parameters: components["schemas"]["SkillParameter"][];
            /** Pod Ids */
            pod_ids: string[];
            /** Priority */
            priority: number;
            /**
             * Scope
             * @enum {string}
             */
            scope: "global" | "pod" | "agent";
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * SkillParameter
         * @description What stands for `{{name}}` in the content; a required one without a value leaves the skill out.
         *
         *     A value comes from the task's `metadata.skill_params`, else the agent's, else the pod's, else
         *     it is the default.
         */
        SkillParameter: {
            /** Default */
            default?: string | null;
            /**
             * Description
             * @default
             */
            description?: string;
            /** Name */
            name: string;
            /**
             * Required
             * @default false
             */
            required?: boolean;
        };
        /** SkillPatch */
        SkillPatch: {
            /** Category */
            category?: string | null;
            /** Content */
            content?: string | null;
            /** Description */
            description?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Name */
            name?: string | null;
            /** Parameters */
            parameters?: components["schemas"]["SkillParameter"][] | null;
            /** Priority */
            priority?: number | null;
            /** Scope */
            scope?: ("global" | "pod" | "agent") | null;
        };
        /** Stage */
        Stage: {
            /** Completed At */
            completed_at: string | null;
            /** Cost Usd */
            cost_usd: number;
            /** Error */
            error: string | null;
            /** Input Tokens */
            input_tokens: number;
            /** Model */
            model: string | null;
            /** Output */
            output: unknown | null;
            /** Output Tokens */
            output_tokens: number;
            /** Role */
            role: string;
            /** Round */
            round: number;
            /** Stage */
            stage: string;
            /** Started At */
            started_at: string | null;
            /** Status */
            status: string;
        };
        /**
         * Step
         * @description One journalled call of a model, a tool or the memory.
         */
        Step: {
            /** Attempt */
            attempt: number;
            /** Cost Usd */
            cost_usd: number | null;
            /** Ended At */
            ended_at: string | null;
            /** Input Tokens */
            input_tokens: number;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Output Tokens */
            output_tokens: number;
            /** Request */
            request?: unknown | null;
            /** Result */
            result?: unknown | null;
            /** Stage */
            stage: string;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /** Status */
            status: string;
            /** Step */
            step: number;
        };
        /** SubmitTaskRequest */
        SubmitTaskRequest: {
            /**
             * Agent Id
             * Format: uuid
             */
            agent_id: string;
            /** Messages */
            messages: components["schemas"]["Message"][];
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Session Id */
            session_id?: string | null;
            /** Task Type */
            task_type?: string | null;
        };
        /** TaskResult */
        TaskResult: {
            /** Agent Id */
            agent_id: string | null;
            /** Completed At */
            completed_at: string | null;
            /** Error */
            error: string | null;
            /** Input Tokens */
            input_tokens: number;
            /** Output Tokens */
            output_tokens: number;
            /** Response */
            response: string | null;
            /** Session Id */
            session_id?: string | null;
            /** Started At */
            started_at: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "running" | "completed" | "failed";
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
            /**
             * Tool Calls
             * @default []
             */
            tool_calls?: {
                [key: string]: unknown;
            }[];
            /**
             * Waiting For
             * @default []
             */
            waiting_for?: components["schemas"]["WaitingFor"][];
        };
        /**
         * TaskStatus
         * @description The one state machine of every task.
         * @enum {string}
         */
        TaskStatus: "submitted" | "queued" | "context_running" | "task_running" | "guardrail_running" | "review_running" | "pending_human_review" | "clarification_needed" | "completing" | "complete" | "failed" | "cancelled";
        /**
         * Tier
         * @enum {string}
         */
        Tier: "working" | "episodic" | "semantic" | "procedural";
        /** ToolAnswer */
        ToolAnswer: {
            /**
             * Ok
             * @default true
             */
            ok?: boolean;
            /** Text */
            text: string;
        };
        /**
         * ToolCall
         * @description A model's wish to call a tool; `arguments` is the parsed JSON object.
         */
        ToolCall: {
            /**
             * Arguments
             * @default {}
             */
            arguments?: {
                [key: string]: unknown;
            };
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /** ToolGroup */
        ToolGroup: {
            /** Category */
            category: string;
            /** Source */
            source: string;
            /** Tools */
            tools: components["schemas"]["ToolInfo"][];
        };
        /**
         * ToolInfo
         * @description `available` is False, with the reason, for a tool that is switched off.
         */
        ToolInfo: {
            /**
             * Available
             * @default true
             */
            available?: boolean;
            /** Description */
            description: string;
            /** Name */
            name: string;
            /** Reason */
            reason?: string | null;
        };
        /**
         * UsageEvent
         * @description One model call. `cost_usd` is None where the price is unknown; `tokens` is in and out;
         *     `estimated`: the provider did not tell them.
         */
        UsageEvent: {
            /** Agent Id */
            agent_id: string | null;
            /** Cost Usd */
            cost_usd: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Duration Ms */
            duration_ms: number;
            /** Estimated */
            estimated: boolean;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Input Tokens */
            input_tokens: number;
            /** Key Id */
            key_id: string | null;
            /** Key Name */
            key_name: string | null;
            /** Kind */
            kind: string;
            /** Model */
            model: string;
            /** Output Tokens */
            output_tokens: number;
            /** Provider */
            provider: string;
            /** Session Id */
            session_id: string | null;
            /** Status */
            status: string;
            /** Task Id */
            task_id: string | null;
            /** Tokens */
            tokens: number;
        };
        /**
         * UsageSum
         * @description Costs whose price was unknown are counted in `unpriced_calls`, not summed as 0.
         */
        UsageSum: {
            /** Calls */
            calls: number;
            /** Cost Usd */
            cost_usd: number;
            /** Day */
            day: string;
            /** Input Tokens */
            input_tokens: number;
            /** Model */
            model: string;
            /** Output Tokens */
            output_tokens: number;
            /** Unpriced Calls */
            unpriced_calls: number;
        };
        /** UsageSummary */
        UsageSummary: {
            /** Items */
            items: components["schemas"]["UsageSum"][];
            /**
             * Period
             * @enum {string}
             */
            period: "day" | "week" | "month";
            /** Total Calls */
            total_calls: number;
            /** Total Cost Usd */
            total_cost_usd: number;
            /** Total Input Tokens */
            total_input_tokens: number;
            /** Total Output Tokens */
            total_output_tokens: number;
        };
        /** ValidationError */
        ValidationError: {
            /** Context */
            ctx?: Record<string, never>;
            /** Input */
            input?: unknown;
            /** Location */
            loc: (string | number)[];
            /** Message */
            msg: string;
            /** Error Type */
            type: string;
        };
        /**
         * WaitingFor
         * @description What a submitted task waits for: another of Nova's agents, or an external one.
         *
         *     `task_id` is the other agent's task, whose `status` says whether it waits itself.
         */
        WaitingFor: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "agent" | "external";
            /** Name */
            name: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /** Status */
            status: string;
            /** Task Id */
            task_id: string | null;
        };
        /**
         * Webhook
         * @description `path` is where deliveries go. `scheme` is how they are signed: see CreateWebhookRequest.
         */
        Webhook: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Enabled */
            enabled: boolean;
            /** Goal Id */
            goal_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Last Delivery At */
            last_delivery_at: string | null;
            /** Last Error */
            last_error: string | null;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Name */
            name: string;
            /** Path */
            path: string;
            /** Pod Name */
            pod_name: string | null;
            /**
             * Scheme
             * @enum {string}
             */
            scheme: "nova" | "github";
            /**
             * Secret Set At
             * Format: date-time
             */
            secret_set_at: string;
            /** Template */
            template: string;
        };
        /**
         * WebhookDelivery
         * @description One accepted delivery; `delivery_id` is the sender's own, if it gave one.
         */
        WebhookDelivery: {
            /** Delivery Id */
            delivery_id: string | null;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
            /** Task Status */
            task_status: string | null;
        };
        /** WebhookPatch */
        WebhookPatch: {
            /** Enabled */
            enabled?: boolean | null;
            /** Goal Id */
            goal_id?: string | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** Name */
            name?: string | null;
            /** Pod Name */
            pod_name?: string | null;
            /** Scheme */
            scheme?: ("nova" | "github") | null;
            /** Template */
            template?: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_endpoints_api_v1_agent_endpoints_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentEndpoint"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_endpoint_api_v1_agent_endpoints_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateAgentEndpoint"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentEndpoint"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_endpoint_api_v1_agent_endpoints__endpoint_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentEndpoint"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_endpoint_api_v1_agent_endpoints__endpoint_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_endpoint_api_v1_agent_endpoints__endpoint_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentEndpointPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentEndpoint"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    probe_endpoint_api_v1_agent_endpoints__endpoint_id__test_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointTest"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_agents_api_v1_agents_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentInfo"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_agent_api_v1_agents_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateAgentRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentInfo"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_agents_api_v1_agents_delete: {
        parameters: {
            query?: {
                confirm?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedCount"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_agent_api_v1_agents__agent_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentInfo"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_agent_api_v1_agents__agent_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_config_api_v1_agents__agent_id__config_patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentConfigPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentInfo"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_entries_api_v1_audit_get: {
        parameters: {
            query?: {
                action?: string | null;
                actor?: string | null;
                limit?: number;
                offset?: number;
                subject_id?: string | null;
                subject_kind?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditEntry"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_sessions_api_v1_chat_sessions_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatSession"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_session_api_v1_chat_sessions__session_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatSessionDetail"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_session_api_v1_chat_sessions__session_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    session_events_api_v1_chat_sessions__session_id__events_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    chat_api_v1_chat_stream_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_config_api_v1_config_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigEntry"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    change_config_api_v1_config__key__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigEntry"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    deliver_api_v1_hooks__webhook_id__post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookAnswer"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_identity_api_v1_identity_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Identity"];
                };
            };
        };
    };
    list_keys_api_v1_keys_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_key_api_v1_keys_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateKeyRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKey"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    revoke_key_api_v1_keys__key_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    change_limits_api_v1_keys__key_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    validate_key_api_v1_keys_validate_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyValidation"];
                };
            };
        };
    };
    dead_letters_api_v1_pipeline_dead_letter_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    retry_dead_letter_api_v1_pipeline_dead_letter__task_id__retry_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTaskDetail"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    queue_stats_api_v1_pipeline_queue_stats_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueStats"];
                };
            };
        };
    };
    list_tasks_api_v1_pipeline_tasks_get: {
        parameters: {
            query?: {
                goal_id?: string | null;
                limit?: number;
                offset?: number;
                pod_id?: string | null;
                status?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTask"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    submit_api_v1_pipeline_tasks_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PipelineSubmitRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineSubmitted"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_tasks_api_v1_pipeline_tasks_delete: {
        parameters: {
            query?: {
                status?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkDeleted"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_task_api_v1_pipeline_tasks__task_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTaskDetail"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_task_api_v1_pipeline_tasks__task_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    artifacts_api_v1_pipeline_tasks__task_id__artifacts_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Artifact"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    artifact_api_v1_pipeline_tasks__task_id__artifacts__artifact_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                artifact_id: string;
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Artifact"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    cancel_api_v1_pipeline_tasks__task_id__cancel_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelAnswer"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    clarify_api_v1_pipeline_tasks__task_id__clarify_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClarifyRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTaskDetail"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    events_api_v1_pipeline_tasks__task_id__events_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    findings_api_v1_pipeline_tasks__task_id__findings_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Finding"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    fork_task_api_v1_pipeline_tasks__task_id__fork_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForkRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Forked"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    replay_api_v1_pipeline_tasks__task_id__replay_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayAnswer"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    review_api_v1_pipeline_tasks__task_id__review_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTaskDetail"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    reviews_api_v1_pipeline_tasks__task_id__reviews_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeReview"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    stages_api_v1_pipeline_tasks__task_id__stages_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stage"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    steps_api_v1_pipeline_tasks__task_id__steps_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Step"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_pods_api_v1_pods_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pod"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_pod_api_v1_pods_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePodRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pod"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_pod_api_v1_pods__pod_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pod"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_pod_api_v1_pods__pod_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_pod_api_v1_pods__pod_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PodPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pod"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_agents_api_v1_pods__pod_id__agents_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PodAgent"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_agent_api_v1_pods__pod_id__agents_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePodAgentRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PodAgent"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_agent_api_v1_pods__pod_id__agents__agent_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_agent_api_v1_pods__pod_id__agents__agent_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PodAgentPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PodAgent"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    reorder_agents_api_v1_pods__pod_id__agents_reorder_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pod_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReorderRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PodAgent"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_rules_api_v1_rules_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rule"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_rule_api_v1_rules_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateRuleRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rule"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_rule_api_v1_rules__rule_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rule"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_rule_api_v1_rules__rule_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_rule_api_v1_rules__rule_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RulePatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rule"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    test_rule_api_v1_rules__rule_id__test_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleTestRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleTestAnswer"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_schedules_api_v1_schedules_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_schedule_api_v1_schedules_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateScheduleRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_schedule_api_v1_schedules__schedule_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_schedule_api_v1_schedules__schedule_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_schedule_api_v1_schedules__schedule_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SchedulePatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    run_now_api_v1_schedules__schedule_id__run_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleRun"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_runs_api_v1_schedules__schedule_id__runs_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleRun"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_session_api_v1_session_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"];
                };
            };
        };
    };
    log_in_api_v1_session_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    log_out_api_v1_session_delete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_skills_api_v1_skills_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Skill"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_skill_api_v1_skills_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSkillRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Skill"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_skill_api_v1_skills__skill_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                skill_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Skill"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_skill_api_v1_skills__skill_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                skill_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_skill_api_v1_skills__skill_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                skill_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SkillPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Skill"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    set_agents_api_v1_skills__skill_id__agents_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                skill_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentIds"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Skill"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    set_pods_api_v1_skills__skill_id__pods_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                skill_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PodIds"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Skill"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    submit_task_api_v1_tasks_post: {
        parameters: {
            query?: {
                wait?: number;
            };
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmitTaskRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskResult"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_task_api_v1_tasks__task_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskResult"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    cancel_api_v1_tasks__task_id__cancel_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelAnswer"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    events_api_v1_tasks__task_id__events_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    steps_api_v1_tasks__task_id__steps_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Step"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    submit_and_stream_api_v1_tasks_stream_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmitTaskRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_tools_api_v1_tools_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolGroup"][];
                };
            };
        };
    };
    list_usage_api_v1_usage_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageEvent"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    summarise_api_v1_usage_summary_get: {
        parameters: {
            query?: {
                period?: "day" | "week" | "month";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageSummary"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_webhooks_api_v1_webhooks_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    create_webhook_api_v1_webhooks_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateWebhookRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhook"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    get_webhook_api_v1_webhooks__webhook_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    delete_webhook_api_v1_webhooks__webhook_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    update_webhook_api_v1_webhooks__webhook_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    list_deliveries_api_v1_webhooks__webhook_id__deliveries_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    rotate_secret_api_v1_webhooks__webhook_id__rotate_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhook"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    live_health_live_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    ready_health_ready_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    ready_health_startup_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
}
