import { assertEquals, assertThrows } from "@std/assert";
import {
  checkLaunched,
  checkSize,
  launchedBy,
  mpiFiles,
  openMpi,
  openMpiFile,
  openMpiLibrary,
} from "../../src/collective/mod.ts";

const reading = (variables: Readonly<Record<string, string>>) => (name: string): string | undefined =>
  variables[name];

const openMpiRun = reading({
  OMPI_COMM_WORLD_SIZE: "2",
  OMPI_COMM_WORLD_RANK: "1",
  SLURM_NTASKS: "4",
  SLURM_PROCID: "0",
});
const mpichRun = reading({ PMI_SIZE: "4", PMI_RANK: "3" });
const slurmRun = reading({ SLURM_NTASKS: "4", SLURM_PROCID: "2" });

Deno.test("what started a process is told by its environment, MPI's own launcher before Slurm", () => {
  assertEquals(launchedBy(openMpiRun), [
    { launcher: "mpirun of Open MPI", size: 2, rank: 1 },
    { launcher: "srun", size: 4, rank: 0 },
  ]);
  assertEquals(launchedBy(mpichRun), [{ launcher: "mpiexec of MPICH", size: 4, rank: 3 }]);
  assertEquals(launchedBy(reading({ SLURM_NTASKS: "four", SLURM_PROCID: "0" })), []);
});

Deno.test("a process by itself, and one that its library takes for one, are refused", () => {
  assertThrows(() => checkLaunched(reading({})), RangeError, "there is one process only; start it as");
  assertThrows(() => openMpi(reading({})), RangeError, "there is one process only");
  checkLaunched(slurmRun);
  const found = (size: number) => ({ size, name: "Open MPI v4.1.4" });
  checkSize(found(4), slurmRun);
  checkSize(found(2), openMpiRun);
  assertThrows(
    () => checkSize(found(1), slurmRun),
    RangeError,
    "srun says that there are 4 processes, the library finds 1",
  );
  assertThrows(
    () => checkSize(found(2), mpichRun),
    RangeError,
    "mpiexec of MPICH says that there are 4 processes",
  );
  assertThrows(
    () => checkSize(found(1), reading({ PMIX_RANK: "0" })),
    RangeError,
    "there is one process only",
  );
  const six = reading({ PMI_SIZE: "6", PMI_RANK: "0" });
  assertThrows(() => checkSize(found(6), six), RangeError, "expected 2, 4, 8 or a higher power of two");
});

Deno.test("the library that suits the launcher is tried first; one that is named, alone", () => {
  assertEquals(mpiFiles(openMpiRun)[0], "libmpi.so.40");
  assertEquals(mpiFiles(reading({ PMIX_RANK: "0" }))[0], "libmpi.so.40");
  assertEquals(mpiFiles(mpichRun)[0], "libmpich.so.12");
  assertEquals(mpiFiles(reading({ BUPO_MPI: "/opt/own/libmpi.so" })), ["/opt/own/libmpi.so"]);
  assertEquals(openMpiFile("libc.so.6"), undefined, "a library without MPI's functions is none");
  assertThrows(
    () => openMpiLibrary(reading({ BUPO_MPI: "/nowhere/libmpi.so" })),
    ReferenceError,
    "there is no MPI library among /nowhere/libmpi.so; install Open MPI or MPICH",
  );
});
