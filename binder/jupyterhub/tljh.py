# The Littlest JupyterHub, for a class on one machine: copy or link this file into
# /opt/tljh/config/jupyterhub_config.d/, then: sudo tljh-config reload
# README.md has all steps. The course is in /opt/threads2go, and its environment beside it, made by:
# sudo env COURSE_ENV=/opt/threads2go-env /opt/threads2go/binder/setup hub
c = get_config()  # noqa: F821
c.Spawner.cmd = ["/opt/threads2go/binder/start", "jupyterhub-singleuser"]
c.Spawner.default_url = "/lab/tree/notebooks"
c.Spawner.environment = {"COURSE_ENV": "/opt/threads2go-env", "COURSE_SCALE": "small"}
