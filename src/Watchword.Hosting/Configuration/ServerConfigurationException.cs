namespace Watchword.Hosting;

/// <summary>The configuration of a server is not valid; the message has every fault.</summary>
public sealed class ServerConfigurationException : Exception
{
    /// <summary>Without a message.</summary>
    public ServerConfigurationException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public ServerConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and why.</summary>
    public ServerConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
