using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>The same by the number of a descriptor: for callbacks, where whoever called libssl holds the socket meanwhile, and for descriptors of others.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(int descriptor, byte* bytes, nint count, int flags);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetOption(int descriptor, int level, int name, void* value, int* length);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int GetSocketName(int descriptor, byte* address, int* length);
}
