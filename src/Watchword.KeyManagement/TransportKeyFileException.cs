namespace Watchword.KeyManagement;

/// <summary>What is wrong with a transport key file. The numbers are stable.</summary>
public enum TransportKeyFileFault
{
    /// <summary>It is none of the three forms of a transport key file.</summary>
    NotAKeyFile = 0,

    /// <summary>It is larger than any transport key file.</summary>
    TooLarge = 1,

    /// <summary>A version that this reader does not know.</summary>
    UnsupportedVersion = 2,

    /// <summary>A field is missing, stands there twice, or has a value that it cannot have.</summary>
    InvalidField = 3,

    /// <summary>A line of the sheet does not fit its check characters.</summary>
    WrongLine = 4,

    /// <summary>A line of the sheet is missing or stands in the wrong place.</summary>
    MissingLine = 5,

    /// <summary>The whole does not fit its checksum: something was left out or changed.</summary>
    WrongChecksum = 6,

    /// <summary>The fingerprint in it is not that of its keys.</summary>
    WrongFingerprint = 7,
}

/// <summary>A transport key file that cannot be read. It names the fault and the line of a sheet, never anything of the content.</summary>
public sealed class TransportKeyFileException : Exception
{
    internal TransportKeyFileException(TransportKeyFileFault fault, int? line = null)
        : base($"The transport key file is refused{(line is null ? "" : $" at line {line}")}: {Explain(fault)}.")
    {
        Fault = fault;
        Line = line;
    }

    /// <summary>What is wrong.</summary>
    public TransportKeyFileFault Fault { get; }

    /// <summary>The number of the line on the sheet, or null.</summary>
    public int? Line { get; }

    private static string Explain(TransportKeyFileFault fault) => fault switch
    {
        TransportKeyFileFault.NotAKeyFile => "it is not a transport key file",
        TransportKeyFileFault.TooLarge => "it is too large",
        TransportKeyFileFault.UnsupportedVersion => "its version is not supported",
        TransportKeyFileFault.InvalidField => "a field is missing or wrong",
        TransportKeyFileFault.WrongLine => "the line does not fit its check characters",
        TransportKeyFileFault.MissingLine => "the line is missing",
        TransportKeyFileFault.WrongChecksum => "it does not fit its checksum",
        TransportKeyFileFault.WrongFingerprint => "the fingerprint is not that of the keys",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
