namespace Watchword.KeyManagement.Administration;

/// <summary>A batch of keys that are made before they are asked for.</summary>
public sealed class PreparationView
{
    /// <summary>Its number; 0 before it is begun.</summary>
    public required long Id { get; init; }

    /// <summary>The generation that will issue.</summary>
    public required int Generation { get; init; }

    /// <summary>The key period, by the schedule of the generation.</summary>
    public required long PeriodNumber { get; init; }

    /// <summary>Begin of the key period.</summary>
    public required DateTimeOffset PeriodBegins { get; init; }

    /// <summary><c>issued</c>: whoever was keyed in the period it was begun in; <c>listed</c>: a list that was handed
    /// in.</summary>
    public required string Source { get; init; }

    /// <summary><c>planned</c>, <c>running</c>, <c>stopped</c>, <c>finished</c>, <c>failed</c> or <c>erased</c>.</summary>
    public required string State { get; init; }

    /// <summary>Identities of its source.</summary>
    public required long Total { get; init; }

    /// <summary>Identities gone through.</summary>
    public required long Done { get; init; }

    /// <summary>Those of them that were left out: of another domain or without an UID.</summary>
    public required long LeftOut { get; init; }

    /// <summary>Identities a second in the present run; absent before the first batch.</summary>
    public double? Rate { get; init; }

    /// <summary>When it will have finished if it goes on like this; absent if that is not known.</summary>
    public DateTimeOffset? EstimatedEnd { get; init; }

    /// <summary>When it was begun; absent before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When something of it was last written; absent before.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Why it failed, as number of a KmsError; absent unless it did.</summary>
    public int? Fault { get; init; }
}

/// <summary>What is to be prepared.</summary>
public sealed class StartPreparationRequest
{
    /// <summary>The generation; absent for the one that issues after the current key period.</summary>
    public int? Generation { get; init; }

    /// <summary>Whose keys; absent for whoever was keyed in the current key period.</summary>
    public IReadOnlyList<PreparedIdentityView>? Identities { get; init; }
}

/// <summary>An identity and the requester for whom its key is prepared.</summary>
public sealed class PreparedIdentityView
{
    /// <summary>The issuer of the requester's tokens.</summary>
    public required string Issuer { get; init; }

    /// <summary>The requester, as the issuer names him.</summary>
    public required string Subject { get; init; }

    /// <summary>The identity, octet by octet.</summary>
    public required string UserUri { get; init; }
}

/// <summary>What an act on a preparation did, or would do.</summary>
public sealed class PreparationActResult
{
    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The domain.</summary>
    public required string KmsUri { get; init; }

    /// <summary>How many identities it affects: those that are not gone through yet.</summary>
    public required long Affected { get; init; }

    /// <summary>The preparation after the act.</summary>
    public required PreparationView Preparation { get; init; }
}
