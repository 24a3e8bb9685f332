//! A local Solana network for tests and demos: RPC and WebSocket on loopback, no datasource, nothing kept after the end.
//!
//! It is surfpool's runloop in clock mode with short slots. The default slot time nearly freezes the clock of a test,
//! so it is 100 ms here. Programs given on the command line are there before the ready line is printed; everything
//! else (airdrops, time travel, further programs) goes through the RPC port: `requestAirdrop`, `surfnet_timeTravel`,
//! `surfnet_writeProgram`.

use std::{path::PathBuf, process::ExitCode, thread, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Parser;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use solana_pubkey::Pubkey;
use surfpool_core::{
    runloops::start_local_surfnet_runloop,
    surfnet::{
        locker::SurfnetSvmLocker,
        svm::{SurfnetSvm, SurfnetSvmConfig},
    },
};
use surfpool_types::{BlockProductionMode, RpcConfig, SimnetCommand, SimnetConfig, SimnetEvent, SurfpoolConfig};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Nothing outside this machine may reach the cheat codes.
const HOST: &str = "127.0.0.1";

#[derive(Parser)]
#[command(about, version)]
struct Args {
    /// Port of the JSON-RPC server.
    #[arg(long, default_value_t = 8899)]
    port: u16,
    /// Port of the WebSocket server.
    #[arg(long, default_value_t = 8900)]
    ws_port: u16,
    /// Milliseconds a slot.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    slot_ms: u64,
    /// A program (.so) to load; give it as often as --program-id.
    #[arg(long, value_name = "PATH")]
    program: Vec<PathBuf>,
    /// The address of the program in the same place.
    #[arg(long, value_name = "ADDRESS")]
    program_id: Vec<Pubkey>,
}

impl Args {
    /// Reads the programs, so that a wrong path fails before a server is up.
    fn programs(&self) -> Result<Vec<(Pubkey, Vec<u8>)>> {
        if self.program.len() != self.program_id.len() {
            bail!("{} --program but {} --program-id", self.program.len(), self.program_id.len());
        }
        let read = |(path, id): (&PathBuf, &Pubkey)| {
            let elf = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            if !elf.starts_with(b"\x7fELF") {
                bail!("{} is not an ELF file", path.display());
            }
            Ok((*id, elf))
        };
        self.program.iter().zip(&self.program_id).map(read).collect()
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hmm-localnet: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let programs = args.programs()?;
    let simnet = SimnetConfig {
        offline_mode: true,
        remote_rpc_url: None,
        slot_time: args.slot_ms,
        block_production_mode: BlockProductionMode::Clock,
        instruction_profiling_enabled: false,
        ..SimnetConfig::default()
    };
    let svm_config = SurfnetSvmConfig {
        slot_time: simnet.slot_time,
        instruction_profiling_enabled: simnet.instruction_profiling_enabled,
        ..SurfnetSvmConfig::default()
    };
    let config = SurfpoolConfig {
        simnets: vec![simnet],
        rpc: RpcConfig { bind_host: HOST.to_owned(), bind_port: args.port, ws_port: args.ws_port, ..RpcConfig::default() },
        ..SurfpoolConfig::default()
    };

    let (svm, events, geyser_events) = SurfnetSvm::new(svm_config).map_err(|e| anyhow::anyhow!("{e}"))?;
    let locker = SurfnetSvmLocker::new(svm);
    let (commands, command_queue) = unbounded();

    // The runloop blocks its thread, so it has one to itself, with a runtime of its own.
    let runloop = thread::spawn({
        let (locker, commands) = (locker.clone(), commands.clone());
        move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime
                .block_on(start_local_surfnet_runloop(locker, config, commands, command_queue, geyser_events))
                .map_err(|e| anyhow::anyhow!("{e}"))
        }
    });

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (terminate, interrupt) = {
        let _inside = runtime.enter();
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    runtime.spawn(end_on_signal(terminate, interrupt, commands));
    if wait_for_start(&events, || runloop.is_finished()) {
        for (id, elf) in &programs {
            runtime.block_on(locker.write_program(*id, None, 0, elf, &None)).map_err(|e| anyhow::anyhow!("cannot load {id}: {e}"))?;
        }
        println!("ready rpc=http://{HOST}:{} ws=ws://{HOST}:{}", args.port, args.ws_port);
    }
    // The queue of events is bounded and some senders wait for room: it is read for as long as there is a network.
    thread::spawn(move || events.iter().for_each(|event| report(&event)));
    runloop.join().unwrap_or_else(|_| bail!("the network's thread panicked"))
}

/// True when the servers are up, false when the runloop ended before that (its own result says why).
fn wait_for_start(events: &Receiver<SimnetEvent>, ended: impl Fn() -> bool) -> bool {
    loop {
        match events.recv_timeout(Duration::from_millis(20)) {
            Ok(SimnetEvent::CoreStarted(_)) => return true,
            Ok(event) => report(&event),
            Err(RecvTimeoutError::Timeout) if !ended() => {}
            Err(_) => return false,
        }
    }
}

fn report(event: &SimnetEvent) {
    match event {
        SimnetEvent::ErrorLog(_, text) | SimnetEvent::WarnLog(_, text) => eprintln!("{text}"),
        SimnetEvent::Aborted(text) => eprintln!("aborted: {text}"),
        _ => {}
    }
}

/// SIGTERM and SIGINT end the runloop, which closes its servers.
async fn end_on_signal(mut terminate: Signal, mut interrupt: Signal, commands: Sender<SimnetCommand>) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // A closed queue is a runloop that has ended already.
    let _ = commands.send(SimnetCommand::Terminate(None));
}
