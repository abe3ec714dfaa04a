namespace Watchword.Kms;

/// <summary>An operation of the KMS was refused or failed, for a reason of the closed enumeration
/// <see cref="KmsError"/>.</summary>
public sealed class KmsException : Exception
{
    /// <summary>An error with its own words.</summary>
    /// <param name="error">The reason.</param>
    /// <param name="detail">What exactly, for the operator: a file, an option, an element path. Never a secret, never
    /// content.</param>
    /// <param name="innerException">What caused it.</param>
    public KmsException(KmsError error, string? detail = null, Exception? innerException = null)
        : base(Describe(error, detail), innerException)
    {
        Error = error;
        Detail = detail;
    }

    /// <summary>The reason.</summary>
    public KmsError Error { get; }

    /// <summary>What exactly.</summary>
    public string? Detail { get; }

    /// <summary>True if the audit log has the refusal already.</summary>
    public bool IsRecorded { get; private set; }

    internal void MarkRecorded() => IsRecorded = true;

    private static string Describe(KmsError error, string? detail)
    {
        KmsErrorText text = KmsErrorText.Of(error);
        string what = detail is null ? text.Cause : $"{text.Cause}: {detail}";
        return $"KMS {(int)error}: {what} ({text.Clause}). {text.NextStep}.";
    }
}
