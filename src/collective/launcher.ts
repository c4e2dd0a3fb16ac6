/**
 * What the program that started several processes says to each of them, by its environment.
 *
 * @module
 */

/** Variables with the number of processes, and with this one's: those of MPI's own launchers first. */
const variables = [
  { launcher: "mpirun of Open MPI", size: "OMPI_COMM_WORLD_SIZE", rank: "OMPI_COMM_WORLD_RANK" },
  { launcher: "mpiexec of MPICH", size: "PMI_SIZE", rank: "PMI_RANK" },
  { launcher: "srun", size: "SLURM_NTASKS", rank: "SLURM_PROCID" },
] as const;

/** What a launcher says. */
export interface Launched {
  /** Who says it. */
  readonly launcher: string;
  /** How many processes it started. */
  readonly size: number;
  /** Which of them this is. */
  readonly rank: number;
}

/** A variable's value, as the environment has it. */
export type ReadVariable = (name: string) => string | undefined;

/** What launchers say; several where one was started by another: `mpirun` within a job of Slurm. */
export function launchedBy(read: ReadVariable): Launched[] {
  return variables.flatMap(({ launcher, size, rank }) => {
    const count = Number(read(size) ?? NaN), own = Number(read(rank) ?? NaN);
    return Number.isInteger(count) && Number.isInteger(own) ? [{ launcher, size: count, rank: own }] : [];
  });
}

/** Did a launcher that speaks PMIx start this process? Open MPI does then; MPICH's own protocol is another. */
export function speaksPmix(read: ReadVariable): boolean {
  return read("OMPI_COMM_WORLD_SIZE") !== undefined || read("PMIX_RANK") !== undefined;
}

/** How to start several processes, for messages. */
const HOW = 'start it as "mpirun -n 4 deno task train … --engine mpi", or by srun --mpi=pmix';

/**
 * Did a launcher start this process at all?
 *
 * @throws {RangeError} If none did: a library would find one process, after it had looked for others.
 */
export function checkLaunched(read: ReadVariable): void {
  if (launchedBy(read).length > 0 || speaksPmix(read)) return;
  throw new RangeError(
    `Cannot train with --engine mpi: there is one process only; ${HOW}, or leave --engine out`,
  );
}

/**
 * Is the library's number of processes what the launcher started? A library that did not hear its launcher finds one
 * process, and each of them would train by itself and call it the whole.
 *
 * @param found What the library says.
 * @throws {RangeError} If there is one process only, the numbers differ, or the number is no power of two.
 */
export function checkSize(found: { readonly size: number; readonly name: string }, read: ReadVariable): void {
  const { size, name } = found, said = launchedBy(read)[0];
  if (said && said.size !== size) {
    throw new RangeError(
      `Cannot train with ${name}: ${said.launcher} says that there are ${said.size} processes, the library finds ${size}; the library belongs to another launcher: use its own, srun --mpi=pmix, or name the library in BUPO_MPI`,
    );
  }
  if (size === 1) {
    throw new RangeError(
      `Cannot train with ${name}: there is one process only; ${HOW}, or leave --engine out`,
    );
  }
  if (!Number.isInteger(Math.log2(size))) {
    throw new RangeError(
      `Cannot train with ${size} processes: their sums form a binary tree, expected 2, 4, 8 or a higher power of two`,
    );
  }
}
