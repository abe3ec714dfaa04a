using Watchword.McServices.Info;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>The outcome, and what the answer carries.</summary>
/// <param name="Outcome">The outcome.</param>
internal sealed record ServiceAnswer(ServiceOutcome Outcome)
{
    /// <summary>The service, where one is known.</summary>
    public McServiceNames? Service { get; init; }

    /// <summary>The entity tag of the publication.</summary>
    public string? EntityTag { get; init; }

    /// <summary>How long it stands.</summary>
    public TimeSpan Expires { get; init; }

    /// <summary>Whether the user has another client authorised (TS 24.379 7.3.3 9).</summary>
    public bool HasOtherClients { get; init; }

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The KMS redirect response.</summary>
    public ReadOnlyMemory<byte> Redirect { get; init; }

    /// <summary>The settings of the client that asked for them.</summary>
    public ReadOnlyMemory<byte> Settings { get; init; }

    /// <summary>Whether something was done, and not refused.</summary>
    public bool IsSuccess => Outcome < ServiceOutcome.Malformed;

    /// <summary>The outcome.</summary>
    public override string ToString() => Outcome.ToString();
}
