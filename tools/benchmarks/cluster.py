"""A standalone Spark cluster on this machine's loopback address, from the wheel of pyspark."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Cluster:
    """A standalone cluster on this machine: a master and two workers, as they come in Spark's wheel."""

    def __init__(self, folder: Path, configuration: Path, worker_memory: str = "2g") -> None:
        self.folder = folder
        self._configuration = configuration
        self._processes: list[subprocess.Popen] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.master = f"spark://127.0.0.1:{port}"
        self._start("master", "org.apache.spark.deploy.master.Master", "--port", str(port))
        self.workers = [
            self._start(
                f"worker_{number}", "org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", worker_memory,
                "--work-dir", str(folder / f"worker_{number}"), self.master,
            )
            for number in (1, 2)
        ]  # fmt: skip

    def _start(self, name: str, role: str, *arguments: str) -> subprocess.Popen:
        import pyspark

        home = Path(pyspark.__file__).parent
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
        environment |= {
            "SPARK_HOME": str(home), "SPARK_CONF_DIR": str(self._configuration), "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "512m", "SPARK_NO_DAEMONIZE": "1",
        }  # fmt: skip
        with (self.folder / f"{name}.log").open("wb") as log:
            # A session of its own, so that a worker and its executors can be killed together, as a machine dies.
            process = subprocess.Popen(
                [
                    str(home / "bin" / "spark-class"),
                    role,
                    "--host",
                    "127.0.0.1",
                    "--webui-port",
                    "0",
                    *arguments,
                ],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def kill(self, process: subprocess.Popen) -> None:
        """Ends a process and its children at once."""
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.wait()

    def close(self) -> None:
        """Ends all of it."""
        for process in reversed(self._processes):
            self.kill(process)


@contextmanager
def cluster(folder: Path, configuration: Path, worker_memory: str = "2g") -> Iterator[Cluster]:
    """A cluster, as long as the block lasts.

    Args:
        folder: for its logs and scratch files.
        configuration: the folder of Spark's settings.
        worker_memory: what each worker may give to executors.
    """
    started = Cluster(folder, configuration, worker_memory)
    try:
        yield started
    finally:
        started.close()
