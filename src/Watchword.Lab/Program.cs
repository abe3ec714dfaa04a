using System.Runtime.InteropServices;
using Watchword.Idm.Server;
using Watchword.Kms;
using Watchword.Lab;

(LabOptions? options, int exitCode) = LabOptions.Parse(args, Console.Out, Console.Error);
if (options is null)
{
    return exitCode;
}

using CancellationTokenSource stop = new();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await new LabProgram(options, Console.Out).RunAsync(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (Exception fault) when (fault is LabException or KmsException or IdmStartException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"error: {fault.Message}");
    return 2;
}
