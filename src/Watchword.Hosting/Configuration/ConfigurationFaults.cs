namespace Watchword.Hosting;

/// <summary>How bad a finding is.</summary>
public enum FaultSeverity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>The server starts, but somebody should act.</summary>
    Warning,

    /// <summary>The server does not start.</summary>
    Fault,
}

/// <summary>One finding about a configuration. Never holds a secret or an identity: the operator has the file.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Option">Name of the option, <c>Section:Key:0</c>.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Remedy">What to write or do instead.</param>
public sealed record ConfigurationFault(FaultSeverity Severity, string Option, string Problem, string Remedy)
{
    /// <summary>One line for a person.</summary>
    public override string ToString() => Remedy.Length == 0 ? $"{Option} {Problem}" : $"{Option} {Problem}: {Remedy}";
}

/// <summary>Collects everything that is wrong with a configuration, so that the operator mends it in one go.</summary>
public sealed class ConfigurationFaults
{
    private readonly List<ConfigurationFault> _found = [];

    /// <summary>Everything found, in the order of finding.</summary>
    public IReadOnlyList<ConfigurationFault> Found => _found;

    /// <summary>True if the server may not start.</summary>
    public bool Any => _found.Exists(fault => fault.Severity == FaultSeverity.Fault);

    /// <summary>Adds a reason not to start.</summary>
    public void Add(string option, string problem, string remedy) => Add(FaultSeverity.Fault, option, problem, remedy);

    /// <summary>Adds something that does not stop the start.</summary>
    public void Warn(string option, string problem, string remedy) => Add(FaultSeverity.Warning, option, problem, remedy);

    /// <summary>Adds a fact.</summary>
    public void Note(string option, string fact) => Add(FaultSeverity.Note, option, fact, string.Empty);

    /// <summary>Adds faults of a validator that writes lines which begin with the option's name.</summary>
    public void AddLines(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string option = line.Split(' ', 2)[0];
            Add(option.TrimEnd(':'), line[option.Length..].Trim().TrimEnd('.'), string.Empty);
        }
    }

    /// <summary>The reasons not to start, in one line.</summary>
    public string Describe() => string.Join("; ", _found.Where(fault => fault.Severity == FaultSeverity.Fault));

    private void Add(FaultSeverity severity, string option, string problem, string remedy)
    {
        ConfigurationFault fault = new(severity, option, problem, remedy);
        if (!_found.Contains(fault))
        {
            _found.Add(fault);
        }
    }
}
