using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>The same by the number of a descriptor, for callbacks: whoever called libssl holds the socket meanwhile.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(int descriptor, byte* bytes, nint count, int flags);
}
