namespace Watchword.Cli.Commands.Ue;

/// <summary>How patient a UE is with a server that asks to be asked again.</summary>
internal static class UePauses
{
    /// <summary>How often it asks in all.</summary>
    public const int Attempts = 8;

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Waits as long as the server wants, up to 5 s; a second where it does not say.</summary>
    public static Task WaitAsync(TimeSpan? asked, TimeProvider clock, CancellationToken cancellation)
    {
        TimeSpan pause = asked ?? Usual;
        return Task.Delay(pause < Longest ? pause : Longest, clock, cancellation);
    }
}
