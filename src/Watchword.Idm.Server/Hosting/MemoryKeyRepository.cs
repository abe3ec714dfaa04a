using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Watchword.Idm.Server.Hosting;

/// <summary>
/// Keeps ASP.NET Core's data protection keys in memory. Only the antiforgery token of the log-in form is protected by them: after a
/// restart a user who had the form open presses the button twice, and nothing secret lies in a file.
/// </summary>
internal sealed class MemoryKeyRepository : IXmlRepository
{
    private readonly Lock gate = new();
    private readonly List<XElement> elements = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (gate)
        {
            return [.. elements.Select(element => new XElement(element))];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (gate)
        {
            elements.Add(new XElement(element));
        }
    }
}
