using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

[assembly: SuppressMessage("Performance", "CA1812:Avoid uninstantiated internal classes", Justification = "The container makes them.")]
[assembly: InternalsVisibleTo("Watchword.Authorization.Tests")]
