namespace PrivacyProxy.Testing.Processes;

/// <summary>There is no memcached on this machine to run against.</summary>
internal sealed class MemcachedMissingException()
    : Exception($"memcached is needed at {MemcachedProcess.Executable}; install it (Debian: apt-get install memcached) or name another in {MemcachedProcess.ExecutableVariable}.");
